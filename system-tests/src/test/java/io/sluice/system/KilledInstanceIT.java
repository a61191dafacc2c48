package io.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.service.json.Json;
import io.sluice.system.fleet.Await;
import io.sluice.system.fleet.Fleet;
import io.sluice.system.load.Answer;
import io.sluice.system.load.LoadResult;
import io.sluice.system.load.OpenLoopLoad;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One instance dies without a word while webhooks keep coming, and comes back. */
class KilledInstanceIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int KILLED = 3;

    /** What a request meets that had been handed to the instance when it died: nobody can know whether it was stored. */
    private static final Set<String> HANDED_OVER =
            Set.of("stale_connection", "closed_without_response", "response_cut", "invalid_response");

    @TempDir
    Path folder;

    @Test
    void onlyRequestsThatTheInstanceHeldFailAndNoAcceptedWebhookIsLost() throws Exception {
        try (Fleet fleet = Fleet.start(folder, 5);
                OpenLoopLoad load = OpenLoopLoad.start(fleet.trafficPort(), Fleet.WEBHOOK, 150)) {
            for (int i = 0; i < 3; i++) {
                int answered = load.answered();
                Await.until("the load runs", SOON, () -> load.answered() > answered + 150);
                fleet.process(Fleet.instanceId(KILLED)).kill();
                Await.until(
                        "the proxy has noticed",
                        SOON,
                        () -> !fleet.backend(KILLED).eligible());
                fleet.startInstance(KILLED);
                fleet.awaitInService(5);
            }
            LoadResult result = load.stop();

            assertEachFailureWasHandedToTheKilled(fleet, result.rejected());
            assertThat(result.acceptedNumbers().size())
                    .isGreaterThan(result.rejected().size() * 10);
            Await.until(
                    "every accepted webhook was delivered",
                    SOON,
                    () -> fleet.delivered().containsAll(result.acceptedNumbers()));
        }
    }

    private static void assertEachFailureWasHandedToTheKilled(Fleet fleet, List<Answer> rejected) throws Exception {
        Await.until("the access log is written", SOON, () -> failuresIn(fleet).size() == rejected.size());
        for (JsonNode line : failuresIn(fleet)) {
            JsonNode attempts = line.get("attempts");
            JsonNode last = attempts.get(attempts.size() - 1);
            assertThat(last.get("backend").asText()).as(line.toString()).isEqualTo(Fleet.instanceId(KILLED));
            assertThat(HANDED_OVER)
                    .as(line.toString())
                    .contains(last.get("failure").asText());
        }
    }

    private static List<JsonNode> failuresIn(Fleet fleet) throws Exception {
        List<JsonNode> failures = new ArrayList<>();
        for (String line : Files.readAllLines(fleet.accessLog())) {
            JsonNode entry = Json.mapper().readTree(line);
            if (entry.get("status").asInt() >= 300) {
                failures.add(entry);
            }
        }
        return failures;
    }
}
