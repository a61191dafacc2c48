package io.sluice.rollout.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.instance.api.ConfigType;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.sluice.rollout.fake.Await;
import io.sluice.rollout.fake.FakeInstance;
import io.sluice.rollout.instance.InstanceClient;
import io.sluice.service.json.Json;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreflightIT {
    private final Vertx vertx = Vertx.vertx();
    private final FakeInstance first = new FakeInstance(vertx, "webhook-1");
    private final FakeInstance second = new FakeInstance(vertx, "webhook-2");

    @BeforeEach
    void start() {
        Await.value(first.start());
        Await.value(second.start());
    }

    @AfterEach
    void stop() {
        Await.value(vertx.close());
    }

    @Test
    void aGoodConfigurationIsAcceptedByAllAndChangesNone() {
        Verdict verdict = check(Json.mapper().createObjectNode().put("ok", true));

        assertThat(verdict.isAccepted()).isTrue();
        assertThat(verdict.asked()).containsExactly("webhook-1", "webhook-2");
        assertThat(first.updates()).isEmpty();
    }

    @Test
    void tenMistakesAreTenFindingsThatNameBothInstances() {
        List<String> pointers =
                IntStream.range(0, 10).mapToObj(i -> "/hook/" + i).toList();

        Verdict verdict = check(mistakes(pointers));

        assertThat(verdict.isAccepted()).isFalse();
        assertThat(verdict.findings()).extracting(Finding::pointer).containsExactlyElementsOf(pointers);
        assertThat(verdict.findings())
                .allSatisfy(finding -> assertThat(finding.instances()).containsExactly("webhook-1", "webhook-2"));
        assertThat(Stream.of(first, second).flatMap(one -> one.updates().stream()))
                .isEmpty();
    }

    @Test
    void anUnreachableInstanceHasNoSay() {
        Await.value(second.stop());

        Verdict verdict = check(Json.mapper().createObjectNode());

        assertThat(verdict.isAccepted()).isTrue();
        assertThat(verdict.unreachable()).containsExactly("webhook-2");
    }

    @Test
    void nobodyToAskIsNoYes() {
        Await.value(first.stop());
        Await.value(second.stop());

        assertThat(check(Json.mapper().createObjectNode()).isAccepted()).isFalse();
    }

    private Verdict check(JsonNode config) {
        InstanceClient client =
                new InstanceClient(vertx.createHttpClient(), Optional.empty(), Duration.ofSeconds(10), () -> 1);
        List<InstanceRef> both =
                List.of(new InstanceRef(first.id(), first.url()), new InstanceRef(second.id(), second.url()));
        return Await.value(new Preflight(client).check(both, ConfigType.WEBHOOKS, config));
    }

    private static JsonNode mistakes(List<String> pointers) {
        ObjectNode config = Json.mapper().createObjectNode();
        ArrayNode mistakes = config.putArray("mistakes");
        pointers.forEach(mistakes::add);
        return config;
    }
}
