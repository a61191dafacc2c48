package io.sluice.rollout.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.instance.api.ConfigHash;
import io.sluice.rollout.driver.SimulatedTime.Life;
import io.sluice.rollout.driver.SimulatedTime.SimulatedCrash;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.plan.Verb;
import io.sluice.rollout.store.CrashPoint;
import io.sluice.rollout.store.RolloutStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A fleet, and one engine after the other that works on it with what the one before has left on disk. */
final class Simulation {
    static final Duration LIMIT = Duration.ofMinutes(20);
    static final JsonNode CONNECTIONS = document("connections", 1);
    static final JsonNode OLD = document("webhooks", 1);
    static final JsonNode NEW = document("webhooks", 2);
    static final String OLD_HASH = ConfigHash.ofBundle(OLD, CONNECTIONS);
    static final String NEW_HASH = ConfigHash.ofBundle(NEW, CONNECTIONS);

    final SimulatedTime time = new SimulatedTime();
    final SimulatedFleet fleet;
    final SimulatedDisk disk;
    final List<String> boundaries = new ArrayList<>();
    private Life current = new Life();
    private @Nullable RolloutDriver engine;
    private boolean asked;
    private long heard = -1;

    Simulation(long seed, int instances) {
        Random random = new Random(seed);
        fleet = new SimulatedFleet(time, random);
        disk = new SimulatedDisk(time, random);
        for (int i = 1; i <= instances; i++) {
            String id = "webhook-" + i;
            fleet.add(new SimulatedInstance(id, time, OLD, CONNECTIONS), id);
        }
        fleet.open();
    }

    static JsonNode document(String name, int version) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.putObject(name).put("version", version);
        return document;
    }

    SimulatedInstance instance(int number) {
        return fleet.backend("webhook-" + number).instance;
    }

    RolloutDriver engine() {
        return Objects.requireNonNull(engine, "not started");
    }

    @Nullable
    RolloutDriver engineOrNull() {
        return engine;
    }

    boolean isAlive() {
        return current.isAlive();
    }

    /** Starts an engine that dies at the {@code n}-th boundary from now; never with 0. */
    void start(long dieAt) {
        Life life = new Life();
        long[] seen = new long[1];
        CrashPoint crash = boundary -> {
            if (!life.isAlive()) {
                throw new SimulatedCrash();
            }
            boundaries.add(boundary);
            if (++seen[0] == dieAt) {
                life.die();
                throw new SimulatedCrash();
            }
        };
        current = life;
        asked = false;
        heard = -1;
        engine = new RolloutDriver(
                time.of(life),
                fleet.traffic(life),
                fleet.instances(life),
                disk.documents(life),
                new RolloutStore(disk.log(life), time, crash),
                time,
                crash,
                EngineSettings.DEFAULT_MAX_AWAY);
        try {
            engine.start();
        } catch (SimulatedCrash died) {
            // as asked
        }
        time.runUntil(() -> engine().stoppedBecause().isEmpty() || !isAlive(), LIMIT);
    }

    void kill() {
        current.die();
    }

    /** Submits as a caller that tries again with the same key until it has an answer. */
    void submit(RolloutRequest request) {
        if (isAlive()) {
            engine().submit(request, key("key-1", request));
        }
    }

    static SubmissionKey key(String key, RolloutRequest request) {
        return SubmissionKey.of(key, request.toString().getBytes(StandardCharsets.UTF_8));
    }

    Rollout rollout() {
        return engine().find("r-1").orElseThrow(() -> new AssertionError("there is no rollout r-1"));
    }

    /** Whether anything was stored since the last question. */
    boolean hasNews() {
        long last = engine().lastSequence();
        boolean news = last != heard;
        heard = last;
        return news;
    }

    boolean isOver() {
        return engine().find("r-1").filter(Rollout::isOver).isPresent();
    }

    /** Asks once in each life of the engine. */
    void act(Verb verb) {
        if (asked) {
            return;
        }
        asked = true;
        engine().act("r-1", verb, new RolloutEngine.Ask("ana", "test"));
    }

    /** Until the rollout is over. */
    Rollout finish() {
        boolean over = time.runUntil(this::isOver, LIMIT);
        assertThat(over).as("is over: %s", engine().find("r-1")).isTrue();
        return rollout();
    }

    boolean reaches(String backend, Step step) {
        return engine().find("r-1")
                .flatMap(rollout -> rollout.step(backend))
                .filter(found -> found.reached() == step)
                .isPresent();
    }

    boolean isDoing(String backend, Step step) {
        return engine().find("r-1")
                .flatMap(rollout -> rollout.step(backend))
                .filter(found -> found.doing() == step)
                .isPresent();
    }

    List<Step> exits() {
        return rollout().steps().stream().map(InstanceStep::reached).toList();
    }

    List<String> hashes() {
        return fleet.backends().stream().map(b -> b.instance.hash()).toList();
    }

    /** What holds whatever happened: nobody was hurt, and whoever is kept out has a reason. */
    void assertNobodyWasHurt(int floor) {
        assertThat(fleet.violations()).isEmpty();
        assertThat(fleet.leastInService()).as("in service").isGreaterThanOrEqualTo(floor);
        for (SimulatedBackend backend : fleet.backends()) {
            boolean onPurpose = reaches(backend.id, Step.QUARANTINED) || reaches(backend.id, Step.LOST);
            if (!onPurpose) {
                assertThat(backend.holds).as("holds of %s", backend.id).isEmpty();
                assertThat(backend.instance.holders())
                        .as("drains of %s", backend.id)
                        .isEmpty();
            }
        }
    }
}
