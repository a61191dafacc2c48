package io.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.proxy.api.BackendView;
import io.sluice.system.fleet.Await;
import io.sluice.system.fleet.ChildJvm;
import io.sluice.system.fleet.Fleet;
import io.sluice.system.fleet.Http;
import io.sluice.system.load.OpenLoopLoad;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine's process halts at a boundary (before or after a write, a force or an action) in the middle of a rollout, and is started
 * again. The engine's own tests halt a simulated one at every boundary; here a sample of them is tried with real processes under load, or
 * with {@code -Dboundaries=all} every one.
 */
class KilledEngineIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int SAMPLES = 8;
    private static final int HALTED = 137;

    /** More than a rollout over two instances has. */
    private static final int MOST_BOUNDARIES = 400;

    @TempDir
    Path folder;

    @Test
    void everyRolloutSucceedsWhereverTheEngineHaltsAndNoRequestFails() throws Exception {
        try (Fleet fleet = Fleet.start(folder, 2)) {
            int halts = "all".equals(System.getProperty("boundaries")) ? haltAtEach(fleet) : haltAtSome(fleet);
            assertThat(halts).isPositive();
        }
    }

    private static int haltAtEach(Fleet fleet) throws Exception {
        int boundary = 1;
        while (boundary < MOST_BOUNDARIES && haltsAndEndsWell(fleet, boundary)) {
            boundary++;
        }
        return boundary - 1;
    }

    private static int haltAtSome(Fleet fleet) throws Exception {
        long seed = Long.getLong("seed", new SplittableRandom().nextLong());
        SplittableRandom random = new SplittableRandom(seed);
        List<Integer> boundaries = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            boundaries.add(1 + random.nextInt(100));
        }
        int halts = 0;
        for (int boundary : boundaries) {
            halts += haltsAndEndsWell(fleet, boundary) ? 1 : 0;
        }
        return halts;
    }

    /** Returns whether the rollout had that many boundaries. */
    private static boolean haltsAndEndsWell(Fleet fleet, int boundary) throws Exception {
        fleet.process("engine").terminate();
        String webhooks = Fleet.webhooks("halted-at-" + boundary + "-" + System.nanoTime());
        try (OpenLoopLoad load = OpenLoopLoad.start(fleet.trafficPort(), Fleet.WEBHOOK, 60)) {
            fleet.startEngine("-Dsluice.halt-at=" + boundary);
            boolean halted = runUntilHaltedOrOver(fleet, webhooks);
            if (halted) {
                fleet.startEngine();
                fleet.awaitEngine();
            }
            JsonNode over = fleet.awaitOver(fleet.submit(webhooks), SOON);
            String target = over.get("targetHash").asText();

            assertThat(over.get("phase").asText())
                    .as("boundary %d: %s", boundary, over.toPrettyString())
                    .isEqualTo("SUCCEEDED");
            assertThat(fleet.configHash(1)).isEqualTo(target);
            assertThat(fleet.configHash(2)).isEqualTo(target);
            assertThat(fleet.pool().acceptedConfiguration()).containsExactly(target);
            assertThat(fleet.pool().backends())
                    .as("boundary %d", boundary)
                    .allMatch(backend -> backend.holds().isEmpty())
                    .allMatch(BackendView::eligible);
            assertThat(load.stop().rejected()).as("boundary %d", boundary).isEmpty();
            return halted;
        }
    }

    private static boolean runUntilHaltedOrOver(Fleet fleet, String webhooks) {
        ChildJvm engine = fleet.process("engine");
        Await.until(
                () -> "the engine halts or the rollout is over" + engine.tail(),
                SOON,
                () -> !engine.isAlive() || isOver(fleet, webhooks));
        if (engine.isAlive()) {
            return false;
        }
        assertThat(engine.awaitExit(SOON)).as(engine.tail()).isEqualTo(HALTED);
        return true;
    }

    /** Submitting again is how a client finds out whether its submission was taken. */
    private static boolean isOver(Fleet fleet, String webhooks) throws InterruptedException {
        try {
            Http.Reply reply = fleet.post(webhooks, "key-of-" + webhooks.hashCode());
            return reply.status() == 202
                    && fleet.rollout(reply.json().get("id").asText())
                            .get("finished")
                            .asBoolean();
        } catch (IOException notThereYetOrNoMore) {
            return false;
        }
    }
}
