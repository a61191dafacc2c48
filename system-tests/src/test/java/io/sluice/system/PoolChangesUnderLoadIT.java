package io.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.ProxyPaths;
import io.sluice.system.fleet.Await;
import io.sluice.system.fleet.Fleet;
import io.sluice.system.fleet.Http;
import io.sluice.system.load.LoadResult;
import io.sluice.system.load.OpenLoopLoad;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backends come, go and are held while webhooks keep coming. */
class PoolChangesUnderLoadIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int ROUNDS = 40;

    @TempDir
    Path folder;

    @Test
    void backendsHeldRemovedAndAddedAtRandomFailNoRequest() throws Exception {
        long seed = Long.getLong("seed", new SplittableRandom().nextLong());
        SplittableRandom random = new SplittableRandom(seed);
        try (Fleet fleet = Fleet.start(folder, 5);
                OpenLoopLoad load = OpenLoopLoad.start(fleet.trafficPort(), Fleet.WEBHOOK, 150)) {
            Await.until("the load runs", SOON, () -> load.answered() > 100);
            for (int i = 0; i < ROUNDS; i++) {
                int backend = 1 + random.nextInt(5);
                if (random.nextBoolean()) {
                    holdAndRelease(fleet, backend);
                } else {
                    removeAndAdd(fleet, backend);
                }
            }
            LoadResult result = load.stop();

            assertThat(result.rejected()).as("seed=" + seed).isEmpty();
            assertThat(result.byInstance()).hasSize(5);
            assertThat(fleet.pool().revision()).isGreaterThan(2L * ROUNDS);
        }
    }

    private static void holdAndRelease(Fleet fleet, int backend) throws Exception {
        String hold = ProxyPaths.hold(Fleet.POOL, Fleet.instanceId(backend), "operator:test");
        Http.Reply placed =
                fleet.http().send("PUT", fleet.adminUrl() + hold, "{\"reason\":\"test\",\"drainTimeout\":\"10s\"}");
        assertThat(placed.status()).as(placed.text()).isEqualTo(202);
        String operation = placed.json().get("id").asText();
        Http.Reply ended = fleet.http().get(fleet.adminUrl() + ProxyPaths.operation(operation) + "?wait=10s");
        assertThat(ended.json().get("state").asText()).isEqualTo("drained");
        assertThat(fleet.backend(backend).inFlight()).isZero();
        fleet.change("DELETE", hold, null);
        fleet.awaitInService(5);
    }

    private static void removeAndAdd(Fleet fleet, int backend) throws Exception {
        String path = ProxyPaths.pool(Fleet.POOL);
        String id = Fleet.instanceId(backend);
        patch(fleet, path, "{\"op\":\"remove-backend\",\"id\":\"" + id + "\",\"force\":false}");
        assertThat(fleet.pool().backends()).hasSize(4);
        patch(
                fleet,
                path,
                "{\"op\":\"put-backend\",\"id\":\"" + id + "\",\"address\":\"127.0.0.1:" + fleet.instancePort(backend)
                        + "\",\"adminUrl\":\"" + fleet.instanceUrl(backend) + "\"}");
        fleet.awaitInService(5);
    }

    private static void patch(Fleet fleet, String path, String change) throws Exception {
        fleet.changeIfMatch(path, fleet.pool().revision(), "{\"reason\":\"test\",\"changes\":[" + change + "]}");
    }
}
