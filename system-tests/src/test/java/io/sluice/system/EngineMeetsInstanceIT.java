package io.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.instance.InstanceProgram;
import io.sluice.instance.InstanceSettings;
import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigHash;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.instance.api.ConfigUpdateResult;
import io.sluice.instance.api.DrainRequest;
import io.sluice.instance.api.DrainStatus;
import io.sluice.instance.configuration.SeedFiles;
import io.sluice.rollout.driver.ControlException;
import io.sluice.rollout.driver.ControlException.Kind;
import io.sluice.rollout.driver.Examiner;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.sluice.rollout.engine.Examination;
import io.sluice.rollout.instance.InstanceClient;
import io.sluice.rollout.plan.RolloutProblem;
import io.sluice.service.json.Json;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine's client against a real instance: each promise that a rollout relies on. */
class EngineMeetsInstanceIT {
    private static final Secret TOKEN = Secret.of("instance-token");
    private static final DrainRequest HOLDER = new DrainRequest("rollout:r-1", 0L, null);

    @TempDir
    private Path data;

    private final Vertx vertx = Vertx.vertx();
    private InstanceProgram instance;
    private InstanceClient client;
    private InstanceRef ref;

    @BeforeEach
    void start() throws Exception {
        SeedFiles seeds = new SeedFiles(
                Path.of("../config/webhooks.json").toAbsolutePath(),
                Path.of("../config/connections.json").toAbsolutePath());
        InstanceSettings settings = InstanceSettings.loopback("webhook-1", 0, data, seeds, TOKEN);
        instance = new InstanceProgram(vertx, settings, Map.of(), Clock.systemUTC(), System::nanoTime);
        await(instance.start());
        client = client(TOKEN);
        ref = new InstanceRef("webhook-1", "http://127.0.0.1:" + instance.port());
    }

    @AfterEach
    void stop() throws Exception {
        await(instance.stop());
        await(vertx.close());
    }

    @Test
    void healthVersionAndDocumentsAgreeOnTheHash() throws Exception {
        ConfigDocuments documents = await(client.documents(ref));

        assertThat(documents.hash()).isEqualTo(ConfigHash.ofBundle(documents.webhooks(), documents.connections()));
        assertThat(await(client.version(ref)).hash()).isEqualTo(documents.hash());
        assertThat(await(client.health(ref)).hash()).isEqualTo(documents.hash());
    }

    @Test
    void aDrainTurnsHealthTo503ButItsReportIsRead() throws Exception {
        assertThat(await(client.drain(ref, HOLDER)).holders()).containsExactly("rollout:r-1");

        assertThat(await(client.health(ref)).status()).isEqualTo("draining");
        assertThat(await(client.drainStatus(ref)).state()).isEqualTo("drained");
        assertThat(await(client.undrain(ref, HOLDER)).draining()).isFalse();
        assertThat(await(client.undrain(ref, HOLDER)).draining()).isFalse();
    }

    @Test
    void theEndOfADrainIsToldByTheInstanceAndNotFoundByAskingAgain() throws Exception {
        Future<DrainStatus> told;
        try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), instance.port())) {
            OutputStream out = slow.getOutputStream();
            out.write(String.join(
                            "\r\n",
                            "POST /webhook/test_webhook HTTP/1.1",
                            "Host: x",
                            "Content-Type: application/json",
                            "Content-Length: 2",
                            "Expect: 100-continue",
                            "",
                            "")
                    .getBytes(StandardCharsets.UTF_8));
            assertThat(slow.getInputStream().read())
                    .as("is let go on, so it is in flight")
                    .isEqualTo('H');
            assertThat(await(client.drain(ref, HOLDER)).inFlight()).isEqualTo(1);

            told = client.awaitDrained(ref, Duration.ofSeconds(60));
            assertThat(await(client.awaitDrained(ref, Duration.ofMillis(1))).inFlight())
                    .isEqualTo(1);
            assertThat(told.isComplete()).isFalse();
            out.write("{}".getBytes(StandardCharsets.UTF_8));

            assertThat(await(told).state()).isEqualTo("drained");
        }
    }

    @Test
    void whatTheEngineComputesAsTargetIsWhatTheInstanceReports() throws Exception {
        ConfigDocuments before = await(client.documents(ref));
        JsonNode after = changed(before);

        ConfigUpdateResult result = await(client.update(ref, update(after, before.webhooksVersion())));

        assertThat(result.hash()).isEqualTo(ConfigHash.ofBundle(after, before.connections()));
        assertThat(await(client.version(ref)).hash()).isEqualTo(result.hash());
        assertThat(await(client.documents(ref)).webhooks()).isEqualTo(after);
    }

    @Test
    void aWholeBundleReplacesExactlyTheBundleItNames() throws Exception {
        ConfigDocuments before = await(client.documents(ref));
        ObjectNode bundle = Json.mapper().createObjectNode();
        bundle.set("webhooks", changed(before));
        bundle.set("connections", before.connections());
        ConfigUpdateRequest stale = new ConfigUpdateRequest(ConfigType.BUNDLE, bundle, "0000", null, null, "test");
        ConfigUpdateRequest right =
                new ConfigUpdateRequest(ConfigType.BUNDLE, bundle, before.hash(), null, null, "test");

        assertThat(failure(client.update(ref, stale)).kind()).isEqualTo(Kind.CONFLICT);
        assertThat(await(client.update(ref, right)).hash()).isEqualTo(ConfigHash.of(bundle));
    }

    @Test
    void tenMistakesAreTenProblemsAndNothingChanges() throws Exception {
        String before = await(client.version(ref)).hash();
        ObjectNode wrong = Json.mapper().createObjectNode();
        for (int i = 0; i < 10; i++) {
            wrong.putObject("hook_" + i).put("module", "no_such_module_" + i).put("data_type", "json");
        }

        List<Examination> said = await(new Examiner(client).examine(List.of(ref), ConfigType.WEBHOOKS, wrong));

        assertThat(said.get(0).resultHash()).isNull();
        assertThat(said.get(0).problems())
                .extracting(RolloutProblem::pointer)
                .doesNotHaveDuplicates()
                .hasSize(10);
        assertThat(await(client.version(ref)).hash()).isEqualTo(before);
    }

    @Test
    void aWrongTokenIsARefusalAndNoOutage() throws Exception {
        assertThat(failure(client(Secret.of("wrong")).version(ref)).kind()).isEqualTo(Kind.REFUSED);
    }

    @Test
    void anInstanceThatIsGoneIsUnreachable() throws Exception {
        await(instance.stop());

        assertThat(failure(client.version(ref)).kind()).isEqualTo(Kind.UNREACHABLE);
    }

    private InstanceClient client(Secret token) {
        return new InstanceClient(vertx.createHttpClient(), Optional.of(token), Duration.ofSeconds(10), () -> 1);
    }

    private static ConfigUpdateRequest update(JsonNode webhooks, @Nullable String ifHash) {
        return new ConfigUpdateRequest(ConfigType.WEBHOOKS, webhooks, ifHash, null, null, "test");
    }

    private static JsonNode changed(ConfigDocuments documents) {
        ObjectNode webhooks = documents.webhooks().deepCopy();
        webhooks.putObject("added_by_test").put("module", "log").put("data_type", "json");
        return webhooks;
    }

    private static ControlException failure(Future<?> call) {
        ExecutionException failure = catchThrowableOfType(ExecutionException.class, () -> await(call));
        assertThat(failure.getCause()).isInstanceOf(ControlException.class);
        return (ControlException) failure.getCause();
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
