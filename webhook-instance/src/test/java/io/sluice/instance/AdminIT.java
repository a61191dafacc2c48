package io.sluice.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.RunningInstance.Answer;
import io.sluice.instance.admin.AdminAccess;
import io.sluice.service.lifecycle.ListenException;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.settings.InvalidSettingsException;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminIT {
    private static final String A = "{'a': {'module': 'log', 'auth': 'none'}}";
    private static final String B = "{'b': {'module': 'log', 'auth': 'none'}}";

    @TempDir
    private Path folder;

    private RunningInstance instance;

    @BeforeEach
    void start() throws IOException {
        RunningInstance.seed(folder, A);
        instance = RunningInstance.start(folder);
    }

    @AfterEach
    void stop() {
        instance.close();
    }

    private void restart() {
        instance.close();
        instance = RunningInstance.start(folder);
    }

    private Answer push(String webhooks, String more) {
        return instance.postAs("/admin/config-update", "{'type': 'webhooks', 'config': " + webhooks + more + "}");
    }

    @Test
    void theCallsOfExistingScriptsWork() {
        assertThat(instance.get("/admin/health").status()).isEqualTo(200);
        Answer before = instance.getAs("/admin/config-version");

        Answer drain = instance.postAs("/admin/drain", "");
        assertThat(drain.status()).isEqualTo(200);
        assertThat(drain.text("status")).isEqualTo("draining");
        assertThat(drain.text("instance_id")).isEqualTo("webhook-1");
        assertThat(drain.json().hasNonNull("timestamp")).isTrue();
        assertThat(drain.text("message")).isNotBlank();
        Answer draining = instance.get("/admin/health");
        assertThat(draining.status()).isEqualTo(503);
        assertThat(draining.text("status")).isEqualTo("draining");
        assertThat(instance.get("/admin/drain-status").json().path("draining").asBoolean())
                .isTrue();

        Answer update = push(B, "");
        assertThat(update.status()).isEqualTo(200);
        assertThat(update.text("status")).isEqualTo("success");
        Answer version = instance.getAs("/admin/config-version");
        assertThat(version.text("webhooks_version"))
                .isEqualTo(update.text("webhooks_version"))
                .isNotEqualTo(before.text("webhooks_version"));
        assertThat(version.text("connections_version")).isEqualTo(before.text("connections_version"));
        assertThat(version.json().path("generation").asLong()).isEqualTo(2);
        assertThat(version.json().hasNonNull("last_reload")).isTrue();

        Answer undrain = instance.postAs("/admin/undrain", "");
        assertThat(undrain.text("status")).isEqualTo("active");
        Answer healthy = instance.get("/admin/health");
        assertThat(healthy.status()).isEqualTo(200);
        assertThat(healthy.text("status")).isEqualTo("healthy");
        assertThat(healthy.text("config_manager")).isEqualTo("active");
        assertThat(instance.send(instance.post("/webhook/b", "{'x': 1}")).status())
                .isEqualTo(202);
        assertThat(instance.send(instance.post("/webhook/a", "{'x': 1}")).status())
                .isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /admin/drain",
        "POST, /admin/undrain",
        "POST, /admin/config-update",
        "POST, /admin/config-restore",
        "GET, /admin/config",
        "GET, /admin/config-version",
        "GET, /admin/dead-letters",
        "GET, /admin/whatever",
    })
    void everythingElseNeedsTheToken(String method, String path) {
        assertThat(call(method, path, "").status()).isEqualTo(401);
        assertThat(call(method, path, "Bearer wrong").status()).isEqualTo(401);
        assertThat(call(method, path, "Bearer " + RunningInstance.TOKEN).status())
                .isNotIn(401, 403);
        assertThat(call(method, path, RunningInstance.TOKEN).status()).isNotIn(401, 403);

        instance.close();
        instance = RunningInstance.start(folder, settings -> settings.withAdmin(AdminAccess.withToken(null)));
        assertThat(call(method, path, "Bearer " + RunningInstance.TOKEN).status())
                .isEqualTo(403);
        assertThat(call(method, path, "").status()).isEqualTo(403);
    }

    private Answer call(String method, String path, String authorization) {
        var request = instance.request(path).method(method, java.net.http.HttpRequest.BodyPublishers.noBody());
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return instance.send(request);
    }

    @Test
    void healthAndDrainStatusAreOpen() {
        for (String path : List.of(
                "/admin/health",
                "/admin/health/live",
                "/admin/health/ready",
                "/admin/health?deep=1",
                "/admin/drain-status",
                "/metrics")) {
            assertThat(instance.get(path).status()).as(path).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Via", "X-Forwarded-For", "Forwarded", "Origin"})
    void onlyHealthIsAnsweredThroughAProxyOrToAPage(String header) {
        for (String path : List.of("/admin/drain-status", "/admin/config", "/metrics")) {
            var request = instance.request(path)
                    .header(header, "x")
                    .header("Authorization", "Bearer " + RunningInstance.TOKEN);
            assertThat(instance.send(request).status()).as(path).isEqualTo(403);
        }
        assertThat(instance.send(instance.request("/admin/health").header(header, "x"))
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/admin/health", "/admin/nothing", "/nothing", "/webhook/a", "/webhook/none", "/metrics"})
    void everyAnswerNamesTheInstanceAndItsConfiguration(String path) {
        String hash = instance.getAs("/admin/config-version").text("hash");

        Answer answer = instance.get(path);

        assertThat(answer.header("X-Instance-ID")).isEqualTo("webhook-1");
        assertThat(answer.header("X-Config-Hash")).isEqualTo(hash).hasSize(64);
    }

    @Test
    void tenMistakesComeBackWithTenPointersAndChangeNothing() {
        String hash = instance.getAs("/admin/config-version").text("hash");
        Answer refused = push(
                "{'a': {'module': 'rabbitmq', 'connection': 'mq'}, 'b': {'modul': 'log', 'module': 'log'},"
                        + " 'c': {'module': 'log', 'ack': 'maybe'}, 'd': {'module': 'save_to_disk', 'module-config': {'path': '../x'}},"
                        + " 'e': {'module': 'log', 'authorization': '{$NOPE}'}, 'f': {'module': 'log', 'limits': {'body': -1}},"
                        + " 'g': {'chain': ['log', 'lok']}, 'h': {'module': 'log', 'methods': []}, '-i': {'module': 'log'}}",
                "");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("status")).isEqualTo("error");
        List<String> pointers = new ArrayList<>();
        refused.json()
                .path("errors")
                .forEach(error -> pointers.add(error.path("pointer").asText()));
        assertThat(pointers)
                .containsExactlyInAnyOrder(
                        "/a/module",
                        "/a/connection",
                        "/b/modul",
                        "/c/ack",
                        "/d/module-config/path",
                        "/e/authorization",
                        "/f/limits/body",
                        "/g/chain/1",
                        "/h/methods",
                        "/-i");
        assertThat(refused.text("hash")).isEqualTo(hash);
        assertThat(instance.getAs("/admin/config-version").text("hash")).isEqualTo(hash);
    }

    @Test
    void aBodyThatIsNoJsonIsA400WithAPlace() {
        Answer refused = instance.postAs("/admin/config-update", "{'invalid': json}");

        assertThat(refused.status()).isEqualTo(400);
        JsonNode error = refused.json().path("errors").path(0);
        assertThat(error.path("pointer").asText()).isEqualTo("/invalid");
        assertThat(error.path("code").asText()).isEqualTo("invalid_json");
    }

    @Test
    void aBodyThatIsTooLongIsRefused() {
        assertThat(instance.postAs("/admin/config-update", "x".repeat(5 << 20)).status())
                .isEqualTo(413);
    }

    @Test
    void changesAreConditionalAndIdempotent() {
        Answer version = instance.getAs("/admin/config-version");
        String ifHash = ", 'if_hash': '" + version.text("webhooks_version") + "'";

        assertThat(push(B, ", 'validate_only': true").json().path("generation").asLong())
                .isEqualTo(1);
        assertThat(push(B, ifHash).json().path("changed").asBoolean()).isTrue();
        assertThat(push(B, ifHash).json().path("changed").asBoolean()).isFalse();
        Answer conflict = push(A, ifHash);
        assertThat(conflict.status()).isEqualTo(409);
        assertThat(conflict.text("status")).isEqualTo("conflict");
        assertThat(conflict.json().path("generation").asLong()).isEqualTo(2);
        assertThat(push(A, ", 'if_generation': 1").status()).isEqualTo(409);
        assertThat(push(A, ", 'if_generation': 2").status()).isEqualTo(200);
    }

    @Test
    void anEarlierConfigurationCanBeRestored() {
        Answer first = instance.getAs("/admin/config");
        push(B, "");

        Answer restored = instance.postAs("/admin/config-restore", "{'hash': '" + first.text("hash") + "'}");

        assertThat(restored.status()).isEqualTo(200);
        assertThat(restored.json().path("generation").asLong()).isEqualTo(3);
        assertThat(instance.getAs("/admin/config").json().path("webhooks"))
                .isEqualTo(first.json().path("webhooks"));
        assertThat(instance.postAs("/admin/config-restore", "{'hash': 'none'}").status())
                .isEqualTo(404);
        assertThat(instance.postAs("/admin/config-restore", "{}").status()).isEqualTo(400);
    }

    @Test
    void whatWasPushedRunsAfterARestartWhateverTheSeedFilesSay() throws IOException {
        push(B, "");
        String hash = instance.getAs("/admin/config-version").text("hash");
        RunningInstance.seed(folder, "{'c': {'module': 'log'}}");

        restart();

        Answer version = instance.getAs("/admin/config-version");
        assertThat(version.text("hash")).isEqualTo(hash);
        assertThat(version.text("source")).isEqualTo("push");
        assertThat(version.json().path("generation").asLong()).isEqualTo(2);
    }

    @Test
    void aDamagedConfigurationDegradesToTheOneBefore() throws IOException {
        push(B, "");
        instance.close();
        Files.writeString(folder.resolve("data/config/gen-2.json"), "{}");
        instance = RunningInstance.start(folder);

        Answer health = instance.get("/admin/health");
        assertThat(health.status()).isEqualTo(200);
        assertThat(health.text("status")).isEqualTo("degraded");
        assertThat(health.json().at("/checks/config/status").asText()).isEqualTo("warn");
        assertThat(instance.getAs("/admin/config-version").text("source")).isEqualTo("last_known_good");
        assertThat(push(B, "").json().path("generation").asLong()).isEqualTo(3);
        assertThat(instance.get("/admin/health").text("status")).isEqualTo("healthy");
    }

    @Test
    void anInvalidFirstConfigurationKeepsItFromStartingWithAllItsProblems(@TempDir Path other) throws IOException {
        RunningInstance.seed(other, "{'a': {'module': 'x'}, 'b': {'module': 'y'}}");

        assertThatThrownBy(() -> RunningInstance.start(other))
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class,
                        e -> assertThat(e.problems())
                                .extracting(problem -> problem.key())
                                .containsExactly("/a/module", "/b/module"));
    }

    @Test
    void aTakenPortAndATakenFolderAreClearErrors(@TempDir Path other) throws IOException {
        RunningInstance.seed(other, A);
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> RunningInstance.start(
                            other, settings -> settings.withListener(ListenerSettings.loopback(taken.getLocalPort()))))
                    .isInstanceOf(ListenException.class);
        }
        assertThatThrownBy(() -> RunningInstance.start(folder))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("outbox");
        RunningInstance.start(other).close();
    }

    @Test
    void drainsHaveHolders() {
        instance.postAs("/admin/drain", "{'holder': 'rollout:r-1', 'grace_ms': 0}");
        instance.postAs("/admin/drain", "{}");

        Answer undrain = instance.postAs("/admin/undrain", "{'holder': 'rollout:r-1'}");
        assertThat(undrain.text("state")).isEqualTo("drained");
        assertThat(undrain.json().path("holders").path(0).asText()).isEqualTo("operator");
        assertThat(instance.postAs("/admin/undrain", "").text("state")).isEqualTo("active");
        assertThat(instance.postAs("/admin/drain", "{'grace_ms': -1, 'holder': ' '}")
                        .status())
                .isEqualTo(400);
        assertThat(instance.postAs("/admin/drain", "{'grace': 1}").status()).isEqualTo(400);
    }

    @Test
    void checksSayHowItWouldBeWithoutTheDrain() {
        instance.postAs("/admin/drain", "{'grace_ms': 0}");

        Answer health = instance.get("/admin/health");

        assertThat(health.text("status")).isEqualTo("draining");
        assertThat(health.json().at("/checks/config/status").asText()).isEqualTo("pass");
        assertThat(health.json().at("/checks/outbox/status").asText()).isEqualTo("pass");
        assertThat(instance.get("/admin/health/live").status()).isEqualTo(200);
        assertThat(instance.get("/admin/health/ready").status()).isEqualTo(503);
    }

    @Test
    void aDeepCheckLooksAtConnectionsButNeverTakesTheInstanceOut() throws IOException {
        int closed;
        try (ServerSocket open = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            closed = open.getLocalPort();
        }
        instance.postAs(
                "/admin/config-update",
                "{'type': 'connections', 'config': {'up': {'type': 'redis', 'host': '127.0.0.1', 'port': "
                        + instance.port() + "}, 'down': {'type': 'redis', 'host': '127.0.0.1', 'port': " + closed
                        + "}}}");

        Answer health = instance.get("/admin/health?deep=1");

        assertThat(health.status()).isEqualTo(200);
        assertThat(health.text("status")).isEqualTo("degraded");
        assertThat(health.json()
                        .path("checks")
                        .path("connection:up")
                        .path("status")
                        .asText())
                .isEqualTo("pass");
        assertThat(health.json()
                        .path("checks")
                        .path("connection:down")
                        .path("status")
                        .asText())
                .isEqualTo("warn");
        assertThat(instance.send(instance.request("/admin/health?deep=1").header("Via", "x"))
                        .json()
                        .path("checks")
                        .has("connection:up"))
                .isFalse();
        assertThat(instance.get("/metrics").response().body()).contains("connection_up{name=\"down\"} 0.0");
    }

    @Test
    void metricsTellGenerationAndDrain() {
        push(B, "");
        push("{'b': 1}", "");
        instance.postAs("/admin/drain", "{'grace_ms': 0}");

        assertThat(instance.get("/metrics").response().body())
                .contains("config_generation 2.0")
                .contains("config_reload_total{result=\"accepted\"} 1.0")
                .contains("config_reload_total{result=\"invalid\"} 1.0")
                .contains("drain_state 3.0");
    }
}
