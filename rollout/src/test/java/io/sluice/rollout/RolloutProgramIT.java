package io.sluice.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.rollout.api.RolloutDefaults;
import io.sluice.rollout.catchup.CatchUpSettings;
import io.sluice.rollout.driver.EngineSettings;
import io.sluice.rollout.fake.Await;
import io.sluice.rollout.fake.FakeInstance;
import io.sluice.rollout.fake.FakeProxy;
import io.sluice.rollout.fake.FakeServer;
import io.sluice.rollout.plan.Deadlines;
import io.sluice.rollout.remote.RemoteAnswer;
import io.sluice.rollout.remote.RemoteCall;
import io.sluice.rollout.remote.RemoteEndpoint;
import io.sluice.rollout.store.CrashPoint;
import io.sluice.service.admin.AdminSettings;
import io.sluice.service.json.Json;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.log.LogSettings;
import io.sluice.service.settings.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole program against a proxy and three instances that keep their contract and no more. */
class RolloutProgramIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final Secret TOKEN = Secret.of("rollout-token");
    private static final JsonNode NOTHING = Json.mapper().createObjectNode();
    private static final ObjectNode NEW = Json.mapper().createObjectNode().put("hook", "new");

    @TempDir
    private Path data;

    private final Vertx vertx = Vertx.vertx();
    private final List<FakeInstance> instances = Stream.of("webhook-1", "webhook-2", "webhook-3")
            .map(id -> new FakeInstance(vertx, id))
            .toList();
    private final FakeProxy proxy = new FakeProxy(vertx, instances);
    private final HttpClient http = vertx.createHttpClient();
    private RolloutProgram program;

    @BeforeEach
    void start() {
        instances.forEach(instance -> Await.value(instance.start()));
        Await.value(proxy.start());
        program = program();
        Await.value(program.start());
    }

    @AfterEach
    void stop() {
        Await.value(program.stop());
        Await.value(vertx.close());
    }

    @Test
    void aRolloutUpdatesEveryInstanceAndLeavesEvidence() {
        JsonNode done = finished(submit(NEW));

        assertThat(done.path("phase").asText()).as(done.toString()).isEqualTo("SUCCEEDED");
        assertThat(instances).allSatisfy(instance -> {
            assertThat(instance.webhooks()).isEqualTo(NEW);
            assertThat(instance.isDraining()).isFalse();
            assertThat(proxy.holdsOf(instance.id())).isEmpty();
        });
        assertThat(proxy.accepted()).containsExactly(done.path("targetHash").asText());
        JsonNode summary =
                get("/v1/rollouts/" + done.path("id").asText() + "/evidence").path("summary");
        assertThat(summary.path("onTarget").asInt()).isEqualTo(3);
        assertThat(summary.path("drained").asInt()).isEqualTo(3);
        assertThat(get("/v1/pools/webhooks/drift").path("inSync").asBoolean()).isTrue();
        assertThat(metrics())
                .contains("sluice_rollouts_total{result=\"succeeded\"} 1.0", "sluice_rollout_step_seconds");
    }

    @Test
    void everyChangeOfThePoolCarriesTheReign() {
        finished(submit(NEW));

        assertThat(proxy.received())
                .filteredOn(request -> request.method().equals("PUT"))
                .isNotEmpty()
                .allSatisfy(request -> assertThat(request.headers()).containsEntry("X-Rollout-Epoch", "1"));
    }

    @Test
    void anInstanceThatComesBackWithSomethingElseIsBroughtUpToDate() {
        finished(submit(NEW));

        instances.get(1).runs(NOTHING, NOTHING);

        Await.until("the instance is back", () -> instances.get(1).webhooks().equals(NEW));
        Await.until("it is counted", () -> metrics().contains("sluice_catch_ups_total{result=\"succeeded\"} 1.0"));
    }

    @Test
    void anInstanceThatWasAwayMakesItPartialAndIsBroughtUpToDateOnItsReturn() {
        proxy.floor(1);
        Await.value(instances.get(2).stop());
        JsonNode done = finished(submit(NEW));
        assertThat(done.path("phase").asText()).isEqualTo("PARTIAL");

        Await.value(instances.get(2).start());

        Await.until("the instance is back", () -> instances.get(2).webhooks().equals(NEW));
    }

    /** It accepts connections and requests, and never answers: {@code call-timeout} and {@code deadlines.reach} are what a rollout waits for it. */
    @Test
    void anInstanceThatHangsHoldsARolloutNoLongerThanItsDeadline() {
        Await.value(program.stop());
        program = program(Duration.ofMillis(200), Deadlines.of(Duration.ofMillis(500), null, null, null, null));
        Await.value(program.start());
        proxy.floor(1);
        instances.get(1).mood(FakeServer.Mood.IS_SILENT);
        JsonNode done = finished(submit(NEW));

        assertThat(done.path("phase").asText()).as(done.toString()).isEqualTo("PARTIAL");
        assertThat(done.toString()).contains("no answer");
        assertThat(List.of(instances.get(0), instances.get(2)))
                .allSatisfy(instance -> assertThat(instance.webhooks()).isEqualTo(NEW));
    }

    @Test
    void aRefusedConfigurationTouchesNothing() {
        ObjectNode wrong = Json.mapper().createObjectNode();
        wrong.putArray("mistakes").add("/a").add("/b");

        RemoteAnswer answer = post(wrong);

        assertThat(answer.status()).isEqualTo(422);
        assertThat(proxy.accepted()).isEmpty();
        assertThat(instances)
                .allSatisfy(instance -> assertThat(instance.updates()).isEmpty());
    }

    @Test
    void whatWasDoneIsKnownAfterARestart() {
        String id = finished(submit(NEW)).path("id").asText();
        Await.value(program.stop());
        program = program();
        Await.value(program.start());

        assertThat(get("/v1/rollouts/" + id).path("phase").asText()).isEqualTo("SUCCEEDED");
        instances.get(0).runs(NOTHING, NOTHING);
        Await.until("the instance is back", () -> instances.get(0).webhooks().equals(NEW));
    }

    @Test
    void aSecondEngineOnTheSameFolderSaysSo() {
        RolloutProgram second = program();

        assertThatThrownBy(() -> Await.value(second.start()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("in use by another process");
    }

    @Test
    void theProgramIsReadyOnceStarted() {
        assertThat(call(RemoteCall.get("/readyz", TIMEOUT)).status()).isEqualTo(200);
    }

    private RolloutProgram program() {
        return program(RolloutSettings.DEFAULT_CALL_TIMEOUT, Deadlines.DEFAULT);
    }

    private RolloutProgram program(Duration callTimeout, Deadlines deadlines) {
        RolloutDefaults standard = RolloutDefaults.STANDARD;
        RolloutSettings settings = new RolloutSettings(
                AdminSettings.loopback(0, TOKEN),
                data,
                List.of(proxy.url()),
                null,
                null,
                callTimeout,
                new RolloutDefaults(standard.strategy(), standard.onFailure(), standard.onUnreachable(), deadlines),
                EngineSettings.DEFAULT_MAX_AWAY,
                new CatchUpSettings(Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofSeconds(1)),
                LogSettings.DEFAULTS);
        return new RolloutProgram(vertx, settings, data, Clock.systemUTC(), CrashPoint.NONE);
    }

    private String submit(JsonNode config) {
        RemoteAnswer answer = post(config);
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
        return String.valueOf(answer.headers().get("location"));
    }

    private RemoteAnswer post(JsonNode config) {
        ObjectNode body =
                Json.mapper().createObjectNode().put("type", "webhooks").set("config", config);
        return call(RemoteCall.of(HttpMethod.POST, "/v1/rollouts", body, TIMEOUT));
    }

    private JsonNode finished(String location) {
        JsonNode rollout = get(location);
        while (!rollout.path("finished").asBoolean()) {
            String next =
                    location + "?wait=10s&version=" + rollout.path("version").asLong();
            JsonNode newer = get(next);
            assertThat(newer.path("version").asLong())
                    .as("nothing happens any more: %s", rollout)
                    .isGreaterThan(rollout.path("version").asLong());
            rollout = newer;
        }
        return rollout;
    }

    private JsonNode get(String path) {
        return call(RemoteCall.get(path, TIMEOUT)).orRefused().json().orElseThrow();
    }

    private String metrics() {
        return call(RemoteCall.get("/metrics", TIMEOUT)).body().toString();
    }

    private RemoteAnswer call(RemoteCall call) {
        RemoteEndpoint endpoint =
                new RemoteEndpoint(http, "http://127.0.0.1:" + program.port(), Optional.of(TOKEN), TIMEOUT);
        return Await.value(endpoint.call(call));
    }
}
