package io.sluice.rollout.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.rollout.fake.Await;
import io.sluice.rollout.fake.FakeEngine;
import io.sluice.rollout.plan.Deadlines;
import io.sluice.rollout.plan.Evidence;
import io.sluice.rollout.plan.FailurePolicy;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutStatus.Stage;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.plan.Strategy;
import io.sluice.rollout.plan.Verb;
import io.sluice.rollout.remote.RemoteAnswer;
import io.sluice.rollout.remote.RemoteCall;
import io.sluice.service.json.Json;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RolloutApiIT {
    private static final JsonObject GOOD = new JsonObject().put("hook", new JsonObject());

    private final ApiFixture api = new ApiFixture();
    private Contract contract;

    @BeforeEach
    void start() {
        api.start();
        contract = new Contract(api.vertx, api.get("/openapi.yaml").body().getBytes());
    }

    @AfterEach
    void stop() {
        api.stop();
    }

    @Test
    void oneCallWithTypeAndConfigStartsARollout() {
        RemoteAnswer answer = submit(ApiFixture.request(GOOD));

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.headers().get("location")).isEqualTo("/v1/rollouts/r-1");
        assertThat(answer.headers().get("etag")).isEqualTo("\"v1\"");
        assertThat(json(answer).path("pool").asText()).isEqualTo("webhooks");
        assertThat(json(answer).path("phase").asText()).isEqualTo("PENDING");
    }

    @Test
    void everyWishReachesTheEngine() {
        JsonObject request = ApiFixture.request(GOOD)
                .put("pool", "webhooks")
                .put(
                        "strategy",
                        new JsonObject()
                                .put("type", "rolling")
                                .put("batchSize", 2)
                                .put("bake", "1s"))
                .put("floor", 1)
                .put("onFailure", "rollback")
                .put("onUnreachable", "halt")
                .put("onRecovery", "pause")
                .put("failureBudget", 2)
                .put("health", new JsonObject().put("passes", 1))
                .put("deadlines", new JsonObject().put("drain", "3s"))
                .put("reason", "because")
                .put("author", "ana");

        assertThat(submit(request).status()).isEqualTo(202);

        RolloutRequest reached = api.engine.request("r-1").orElseThrow();
        assertThat(reached.strategy()).isEqualTo(Strategy.of(null, 2, Duration.ofSeconds(1), null));
        assertThat(reached.deadlines()).isEqualTo(Deadlines.of(null, Duration.ofSeconds(3), null, null, null));
        assertThat(reached.onFailure()).isEqualTo(FailurePolicy.ROLLBACK);
        assertThat(reached.author()).isEqualTo("ana");
        assertThat(reached.reason()).isEqualTo("because");
        assertThat(reached.floor()).isEqualTo(1);
    }

    @Test
    void tenMistakesAreTenPointersAndNoInstanceIsTouched() {
        JsonArray pointers = new JsonArray(
                IntStream.range(0, 10).mapToObj(i -> "/hook" + i + "/module").toList());

        RemoteAnswer answer = submit(ApiFixture.request(new JsonObject().put("mistakes", pointers)));

        assertThat(answer.status()).isEqualTo(422);
        assertThat(json(answer).path("type").asText()).endsWith("/invalid-config");
        assertThat(json(answer).path("errors").findValuesAsText("pointer"))
                .containsExactlyElementsOf(
                        pointers.stream().map(String::valueOf).toList());
        assertThat(json(answer).path("findings").get(0).path("instances").size())
                .isEqualTo(2);
        assertThat(api.engine.list()).isEmpty();
        assertThat(api.first.updates()).isEmpty();
    }

    @Test
    void brokenJsonIsRefusedWithItsPlaceAndNothingIsAsked() {
        RemoteAnswer answer = raw("{\"type\": \"webhooks\", \"config\": {\"invalid\": json}}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(json(answer).path("errors").get(0).path("detail").asText()).contains("line 1");
        assertThat(api.first.received()).isEmpty();
    }

    @Test
    void aRequestWithSeveralMistakesIsToldAllOfThem() {
        RemoteAnswer answer = raw("{\"type\":\"webhook\",\"strategy\":{\"batchSize\":\"x\"},\"flor\":1}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(json(answer).path("errors").findValuesAsText("pointer"))
                .containsExactlyInAnyOrder("/type", "/config", "/strategy/batchSize", "/flor");
    }

    @Test
    void anImpossibleBatchSizeIsRefusedWithItsPointer() {
        RemoteAnswer answer = raw("{\"type\":\"webhooks\",\"config\":{},\"strategy\":{\"batchSize\":0}}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(json(answer).path("errors").get(0).path("pointer").asText()).startsWith("/strategy");
    }

    @Test
    void aConfigurationThatIsNoObjectIsRefused() {
        assertThat(raw("{\"type\":\"webhooks\",\"config\":[1]}").status()).isEqualTo(422);
    }

    @Test
    void anUnknownPoolIsRefusedWithTheKnownOnes() {
        RemoteAnswer answer = submit(ApiFixture.request(GOOD).put("pool", "webhoks"));

        assertThat(answer.status()).isEqualTo(422);
        assertThat(json(answer).path("errors").get(0).path("detail").asText()).contains("webhooks");
    }

    @Test
    void withoutAnyReachableInstanceNothingStarts() {
        Await.value(api.first.stop());
        Await.value(api.second.stop());

        RemoteAnswer answer = submit(ApiFixture.request(GOOD));

        assertThat(answer.status()).isEqualTo(503);
        assertThat(json(answer).path("type").asText()).endsWith("/no-instance-reachable");
        assertThat(api.engine.list()).isEmpty();
    }

    @Test
    void withoutAProxyNothingStarts() {
        Await.value(api.proxy.stop());

        assertThat(json(submit(ApiFixture.request(GOOD))).path("type").asText()).endsWith("/proxy-unreachable");
    }

    @Test
    void theSameKeyAnswersTheSameRollout() {
        RemoteAnswer once = submit(ApiFixture.request(GOOD), "key-1");
        RemoteAnswer again = submit(ApiFixture.request(GOOD), "key-1");

        assertThat(again.status()).isEqualTo(202);
        assertThat(again.headers().get("location")).isEqualTo(once.headers().get("location"));
    }

    @Test
    void aRepeatedSubmissionIsAnsweredWhereANewOneWouldBeRefused() {
        submit(ApiFixture.request(GOOD), "key-1");
        Await.value(api.first.stop());
        Await.value(api.second.stop());

        assertThat(submit(ApiFixture.request(GOOD), "key-1").headers().get("location"))
                .isEqualTo("/v1/rollouts/r-1");
        assertThat(json(submit(ApiFixture.request(new JsonObject()), "key-1"))
                        .path("type")
                        .asText())
                .endsWith("/idempotency-key-reused");
        assertThat(submit(ApiFixture.request(GOOD), "key-2").status()).isEqualTo(503);

        Await.value(api.proxy.stop());
        assertThat(submit(ApiFixture.request(GOOD), "key-1").status()).isEqualTo(202);
    }

    @Test
    void aFloorThatThePoolCanNeverKeepIsRefusedAtOnce() {
        RemoteAnswer answer = submit(ApiFixture.request(GOOD).put("floor", 3));

        assertThat(answer.status()).isEqualTo(422);
        assertThat(json(answer).path("type").asText()).endsWith("/impossible-rollout");
        assertThat(json(answer).path("errors").get(0).path("detail").asText()).contains("expected: <= 2");
        assertThat(api.engine.list()).isEmpty();
    }

    @Test
    void aSilentInstanceIsInTheWayOnlyOfWhoAsksForAllOfThem() {
        Await.value(api.second.stop());

        RemoteAnswer refused = submit(ApiFixture.request(GOOD).put("onUnreachable", "halt"));

        assertThat(refused.status()).isEqualTo(503);
        assertThat(json(refused).path("type").asText()).endsWith("/instance-unreachable");
        assertThat(submit(ApiFixture.request(GOOD)).status()).isEqualTo(202);
    }

    @Test
    void theSameKeyWithAnotherBodyIsRefused() {
        submit(ApiFixture.request(GOOD), "key-1");

        RemoteAnswer answer = submit(ApiFixture.request(new JsonObject()), "key-1");

        assertThat(answer.status()).isEqualTo(422);
        assertThat(json(answer).path("type").asText()).endsWith("/idempotency-key-reused");
    }

    @Test
    void aBusyPoolNamesTheRolloutInTheWay() {
        submit(ApiFixture.request(GOOD));

        RemoteAnswer answer = submit(ApiFixture.request(GOOD));

        assertThat(answer.status()).isEqualTo(409);
        assertThat(json(answer).path("rolloutId").asText()).isEqualTo("r-1");
    }

    @Test
    void actionsReachTheEngineAndAreRepeatable() {
        submit(ApiFixture.request(GOOD));

        assertThat(act("r-1", "abort").status()).isEqualTo(202);
        assertThat(act("r-1", "abort").status()).isEqualTo(200);
        assertThat(api.engine.asked()).containsExactly(Verb.ABORT, Verb.ABORT);
    }

    @Test
    void anActionOnWhatIsOverIsRefused() {
        submit(ApiFixture.request(GOOD));
        finish("r-1");

        assertThat(act("r-1", "rollback").status()).isEqualTo(409);
        assertThat(act("r-9", "rollback").status()).isEqualTo(404);
    }

    @Test
    void anUnknownActionIsToldTheKnownOnes() {
        submit(ApiFixture.request(GOOD));

        RemoteAnswer answer = act("r-1", "destroy");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(json(answer).path("errors").get(0).path("detail").asText()).contains("abort", "resume");
    }

    @Test
    void aRolloutIsSentAgainOnlyWhenItChanged() {
        submit(ApiFixture.request(GOOD));

        assertThat(unlessKnown("\"v1\"").status()).isEqualTo(304);
        walk("r-1");
        RemoteAnswer changed = unlessKnown("\"v1\"");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.headers().get("etag")).isEqualTo("\"v2\"");
        assertThat(json(changed).path("instances").get(0).path("doing").asText())
                .isEqualTo("LATCHED");
    }

    @Test
    void aLongPollEndsWithTheNextChange() {
        submit(ApiFixture.request(GOOD));
        Future<RemoteAnswer> poll =
                api.endpoint().call(RemoteCall.get("/v1/rollouts/r-1?wait=30s&version=1", Duration.ofSeconds(40)));

        // A poll that came too late for this change would answer with it at once, so the order does not matter.
        walk("r-1");

        assertThat(json(Await.value(poll)).path("version").asLong()).isEqualTo(2);
    }

    @Test
    void aLongPollEndsWithoutAChangeToo() {
        submit(ApiFixture.request(GOOD));

        RemoteAnswer answer = api.get("/v1/rollouts/r-1?wait=10ms");

        contract.check("getRollout", answer);
        assertThat(json(answer).path("version").asLong()).isEqualTo(1);
    }

    @Test
    void aWaitThatIsTooLongIsRefused() {
        submit(ApiFixture.request(GOOD));

        RemoteAnswer answer = api.get("/v1/rollouts/r-1?wait=2h");

        contract.check("getRollout", answer);
        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void theListIsPagedNewestFirst() {
        for (int i = 1; i <= 3; i++) {
            submit(ApiFixture.request(GOOD));
            finish("r-" + i);
        }

        RemoteAnswer page = api.get("/v1/rollouts?limit=2");
        contract.check("listRollouts", page);
        RemoteAnswer rest =
                api.get("/v1/rollouts?before=" + json(page).path("next").asText());

        assertThat(json(page).path("rollouts").findValuesAsText("id")).containsExactly("r-3", "r-2");
        assertThat(json(rest).path("rollouts").findValuesAsText("id")).containsExactly("r-1");
        assertThat(json(rest).has("next")).isFalse();
        assertThat(json(api.get("/v1/rollouts?phase=running")).path("rollouts").size())
                .isZero();
        assertThat(api.get("/v1/rollouts?phase=sideways").status()).isEqualTo(400);
    }

    @Test
    void theEvidenceCountsWhatWasProven() {
        submit(ApiFixture.request(GOOD));
        walk("r-1");

        RemoteAnswer answer = api.get("/v1/rollouts/r-1/evidence");

        contract.check("getEvidence", answer);
        assertThat(json(answer).path("summary").path("drained").asInt()).isEqualTo(1);
        assertThat(json(answer).path("summary").path("requestsCut").asInt()).isZero();
        assertThat(json(answer).at("/instances/0/walks/0/latch/revision").asLong())
                .isEqualTo(7);
    }

    @Test
    void theExplanationNamesTheOneConditionAndItsEnd() {
        submit(ApiFixture.request(GOOD));
        walk("r-1");

        RemoteAnswer answer = api.get("/v1/rollouts/r-1/explain");

        contract.check("explainRollout", answer);
        assertThat(json(answer).path("instance").asText()).isEqualTo("webhook-1");
        assertThat(json(answer).path("waitingFor").asText()).contains("webhook-1", "to end");
        assertThat(json(answer).path("until").asText())
                .isEqualTo(FakeEngine.NOW.plusSeconds(60).toString());
    }

    @Test
    void theJournalListsEachChange() {
        submit(ApiFixture.request(GOOD));
        walk("r-1");
        finish("r-1");

        RemoteAnswer answer = api.get("/v1/rollouts/r-1/journal");

        contract.check("getJournal", answer);
        assertThat(json(answer).path("changes").findValuesAsText("phase"))
                .containsExactly("PENDING", "RUNNING", "SUCCEEDED");
        assertThat(json(answer).at("/changes/1/instances/0/id").asText()).isEqualTo("webhook-1");
    }

    @Test
    void theDriftComparesReportsWithWhatIsDesired() {
        JsonNode nothing = JsonNodeFactory.instance.objectNode();
        JsonNode bundle = JsonNodeFactory.instance
                .objectNode()
                .<com.fasterxml.jackson.databind.node.ObjectNode>set("webhooks", nothing)
                .set("connections", nothing);
        api.engine.desire("webhooks", bundle);
        api.second.runs(JsonNodeFactory.instance.objectNode().put("x", 1), nothing);

        RemoteAnswer answer = api.get("/v1/pools/webhooks/drift");

        contract.check("getDrift", answer);
        assertThat(json(answer).path("inSync").asBoolean()).isFalse();
        assertThat(json(answer).path("instances").findValuesAsText("state")).containsExactly("in-sync", "drifted");
        RemoteAnswer unknown = api.get("/v1/pools/nope/drift");
        contract.check("getDrift", unknown);
        assertThat(unknown.status()).isEqualTo(404);
    }

    @Test
    void aStoredDocumentCanBeRead() {
        JsonNode bundle = JsonNodeFactory.instance.objectNode().put("a", 1);
        api.engine.desire("webhooks", bundle);
        String hash = api.engine.desired("webhooks").orElseThrow().hash();

        RemoteAnswer answer = api.get("/v1/configs/" + hash);

        contract.check("getConfiguration", answer);
        assertThat(json(answer)).isEqualTo(bundle);
        RemoteAnswer unknown = api.get("/v1/configs/00");
        contract.check("getConfiguration", unknown);
        assertThat(unknown.status()).isEqualTo(404);
    }

    @Test
    void withoutTheTokenOnlyHealthMetricsAndTheDocumentAreShown() {
        for (String path : List.of("/healthz", "/readyz", "/metrics", "/openapi.yaml")) {
            assertThat(withoutToken(path)).as(path).isEqualTo(200);
        }
        for (String path : List.of("/v1/rollouts", "/v1/rollouts/r-1", "/v1/events", "/v1/pools/webhooks/drift")) {
            assertThat(withoutToken(path)).as(path).isEqualTo(401);
        }
    }

    @Test
    void theDocumentDescribesEveryRouteAndNoOther() {
        List<String> described = contract.document().operations().stream()
                .map(operation -> operation.getHttpMethod() + " "
                        + operation.getOpenAPIPath().replaceAll("\\{(\\w+)}", "x"))
                .toList();

        // The stream of all never ends; its own test reads it.
        for (String operation :
                described.stream().filter(one -> !one.endsWith("/v1/events")).toList()) {
            int space = operation.indexOf(' ');
            RemoteAnswer answer = api.call(RemoteCall.of(
                    HttpMethod.valueOf(operation.substring(0, space)),
                    operation.substring(space + 1),
                    null,
                    Duration.ofSeconds(9)));
            assertThat(json(answer).path("detail").asText())
                    .as(operation)
                    .isNotEqualTo("there is nothing at this path");
        }
        assertThat(described).hasSize(11);
    }

    private int withoutToken(String path) {
        return Await.value(api.http()
                .request(HttpMethod.GET, api.port(), "127.0.0.1", path)
                .compose(request ->
                        request.send().compose(response -> response.body().map(response.statusCode()))));
    }

    private RemoteAnswer submit(JsonObject request) {
        return submit(request, "");
    }

    private RemoteAnswer submit(JsonObject request, String key) {
        assertThat(contract.allowsRequest("submitRollout", request)).isTrue();
        RemoteCall call = RemoteCall.of(HttpMethod.POST, "/v1/rollouts", tree(request), Duration.ofSeconds(10));
        RemoteAnswer answer = api.call(key.isEmpty() ? call : call.withHeader("Idempotency-Key", key));
        contract.check("submitRollout", answer);
        return answer;
    }

    private RemoteAnswer raw(String body) {
        RemoteAnswer answer = Await.value(api.http()
                .request(HttpMethod.POST, api.port(), "127.0.0.1", "/v1/rollouts")
                .compose(request -> request.putHeader("Authorization", ApiFixture.TOKEN)
                        .putHeader("Content-Type", "application/json")
                        .send(body)
                        .compose(response -> response.body()
                                .map(bytes ->
                                        new RemoteAnswer("raw", response.statusCode(), response.headers(), bytes)))));
        contract.check("submitRollout", answer);
        return answer;
    }

    private RemoteAnswer act(String id, String action) {
        RemoteAnswer answer = api.post("/v1/rollouts/" + id + "/actions", Map.of("action", action));
        contract.check("actOnRollout", answer);
        return answer;
    }

    private RemoteAnswer unlessKnown(String etag) {
        RemoteAnswer answer = api.call(
                RemoteCall.get("/v1/rollouts/r-1", Duration.ofSeconds(10)).withHeader("If-None-Match", etag));
        contract.check("getRollout", answer);
        return answer;
    }

    /** Moves the rollout to where its first instance is drained at the proxy and nothing else has happened. */
    private void walk(String id) {
        Rollout rollout = api.engine.find(id).orElseThrow();
        PreImage before = new PreImage("old", "w", "c", 1);
        InstanceStep step = InstanceStep.queued("webhook-1", api.first.url())
                .walk(Goal.UPDATE, false, FakeEngine.NOW)
                .reached(Step.PRECHECK, new Proof.Prechecked(before, "healthy", List.of(), FakeEngine.NOW))
                .reached(Step.HOLD_ADDED, new Proof.Held("rollout:r-1", "d-1", 7, 2, "boot-1", FakeEngine.NOW))
                .reached(Step.LATCHED, new Proof.Latched("d-1", 7, FakeEngine.NOW, FakeEngine.NOW, 0, FakeEngine.NOW))
                .toward(Step.LATCHED, FakeEngine.NOW.plusSeconds(60));
        assertThat(step.latest())
                .map(Evidence::proofs)
                .hasValueSatisfying(proofs -> assertThat(proofs).hasSize(3));
        api.engine.put(
                rollout.with(new FleetPlan("new", List.of("old"), 1, false))
                        .with(rollout.status().to(Phase.RUNNING, Stage.WALKING, "walks", FakeEngine.NOW))
                        .withSteps(List.of(step, InstanceStep.queued("webhook-2", api.second.url()))),
                "webhook-1");
    }

    private void finish(String id) {
        Rollout rollout = api.engine.find(id).orElseThrow();
        api.engine.put(rollout.with(
                rollout.status().to(Phase.SUCCEEDED, Stage.OVER, "all instances run the target", FakeEngine.NOW)));
    }

    private static JsonNode tree(JsonObject json) {
        try {
            return Json.mapper().readTree(json.encode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(RemoteAnswer answer) {
        return answer.json().orElseThrow();
    }
}
