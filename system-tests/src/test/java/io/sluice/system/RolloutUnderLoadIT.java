package io.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.proxy.api.BackendView;
import io.sluice.system.fleet.Await;
import io.sluice.system.fleet.Fleet;
import io.sluice.system.load.LoadResult;
import io.sluice.system.load.OpenLoopLoad;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rollouts over five instances while webhooks keep coming. */
class RolloutUnderLoadIT {
    private static final Duration OVER = Duration.ofSeconds(60);
    private static final int PER_SECOND = 120;

    @TempDir
    Path folder;

    @Test
    void fiveRolloutsInARowFailNoRequestAndLoseNoWebhook() throws Exception {
        try (Fleet fleet = Fleet.start(folder, 5);
                OpenLoopLoad load = OpenLoopLoad.start(fleet.trafficPort(), Fleet.WEBHOOK, PER_SECOND)) {
            Await.until("the load runs", OVER, () -> load.answered() > PER_SECOND);
            for (int i = 1; i <= 5; i++) {
                String id = fleet.submit(Fleet.webhooks("load-" + i));
                JsonNode over = fleet.awaitOver(id, OVER);
                assertThat(over.get("phase").asText()).as(over.toPrettyString()).isEqualTo("SUCCEEDED");
                assertEveryInstanceRuns(fleet, over.get("targetHash").asText());
            }
            LoadResult result = load.stop();

            assertThat(result.rejected()).isEmpty();
            assertThat(result.byInstance()).hasSize(5);
            Await.until(
                    "every accepted webhook was delivered",
                    OVER,
                    () -> fleet.delivered().containsAll(result.acceptedNumbers()));
        }
    }

    private static void assertEveryInstanceRuns(Fleet fleet, String hash) throws Exception {
        for (int i = 1; i <= 5; i++) {
            assertThat(fleet.configHash(i)).isEqualTo(hash);
        }
        assertThat(fleet.pool().acceptedConfiguration()).containsExactly(hash);
        assertThat(fleet.pool().backends())
                .allMatch(BackendView::eligible)
                .allMatch(b -> b.holds().isEmpty());
    }
}
