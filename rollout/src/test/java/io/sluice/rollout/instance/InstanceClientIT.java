package io.sluice.rollout.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.api.ConfigDocuments;
import io.sluice.instance.api.ConfigProblem;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.api.ConfigUpdateRequest;
import io.sluice.instance.api.ConfigUpdateResult;
import io.sluice.instance.api.DrainRequest;
import io.sluice.proxy.api.ProxyHeaders;
import io.sluice.rollout.driver.ControlException;
import io.sluice.rollout.driver.ControlException.Kind;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.sluice.rollout.fake.Await;
import io.sluice.rollout.fake.FakeInstance;
import io.sluice.rollout.fake.FakeServer;
import io.sluice.service.json.Json;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InstanceClientIT {
    private static final DrainRequest HOLDER = new DrainRequest("rollout:r-1", 0L, null);

    private final Vertx vertx = Vertx.vertx();
    private final FakeInstance instance = new FakeInstance(vertx, "webhook-1");

    @BeforeEach
    void start() {
        Await.value(instance.start());
    }

    @AfterEach
    void stop() {
        Await.value(vertx.close());
    }

    @Test
    void healthIsReadAlsoWhenItComesWithA503() {
        Await.value(client().drain(ref(), HOLDER));

        assertThat(Await.value(client().health(ref())).status()).isEqualTo("draining");
    }

    @Test
    void aDrainNamesItsHolderAndAsksForNoGrace() {
        Await.value(client().drain(ref(), HOLDER));

        assertThat(instance.received().get(0).body()).contains("\"holder\":\"rollout:r-1\"", "\"grace_ms\":0");
        assertThat(Await.value(client().drainStatus(ref())).holders()).containsExactly("rollout:r-1");
        assertThat(Await.value(client().undrain(ref(), HOLDER)).draining()).isFalse();
    }

    @Test
    void anUpdateCarriesWhatItReplacesAndTheReignThatAsks() {
        ConfigDocuments before = Await.value(client().documents(ref()));

        ConfigUpdateResult result = Await.value(client().update(ref(), replacing(before.webhooksVersion())));

        assertThat(result.hash()).isEqualTo(instance.hash());
        assertThat(instance.updates().get(0).headers())
                .containsEntry(ProxyHeaders.ROLLOUT_EPOCH, "7")
                .containsEntry("Authorization", "Bearer s3cret");
        assertThat(Await.value(client().version(ref())).hash()).isEqualTo(instance.hash());
    }

    @Test
    void anUpdateOfSomethingElseIsAConflict() {
        String before = instance.hash();

        assertThat(failure(client().update(ref(), replacing("not-this"))).kind())
                .isEqualTo(Kind.CONFLICT);
        assertThat(instance.hash()).isEqualTo(before);
    }

    @Test
    void everyMistakeOfAConfigurationIsListed() {
        ControlException failure = failure(client().update(ref(), validating("{\"mistakes\":[\"/a\",\"/b/0\",\"\"]}")));

        assertThat(failure.kind()).isEqualTo(Kind.INVALID);
        assertThat(failure.problems()).extracting(ConfigProblem::pointer).containsExactly("/a", "/b/0", "");
    }

    @Test
    void validatingChangesNothing() {
        String before = instance.hash();

        ConfigUpdateResult would = Await.value(client().update(ref(), validating("{\"a\":{}}")));

        assertThat(would.hash()).isNotEqualTo(before);
        assertThat(instance.hash()).isEqualTo(before);
    }

    @Test
    void anUpdateWithoutAnAnswerIsUnknownAndNeverRepeated() {
        instance.mood(FakeServer.Mood.OBEYS_AND_HANGS_UP);
        String before = instance.hash();

        assertThat(failure(client().update(ref(), replacing(null))).kind()).isEqualTo(Kind.UNKNOWN_OUTCOME);
        assertThat(instance.updates()).hasSize(1);
        assertThat(instance.hash()).isNotEqualTo(before);
    }

    @Test
    void anInstanceThatIsNotThereIsUnreachable() {
        Await.value(instance.stop());

        assertThat(failure(client().update(ref(), replacing(null))).kind()).isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void anAddressThatIsNoneIsUnreachable() {
        assertThat(failure(client().version(new InstanceRef("webhook-1", "nonsense")))
                        .kind())
                .isEqualTo(Kind.UNREACHABLE);
    }

    private static ConfigUpdateRequest replacing(@Nullable String hash) {
        return new ConfigUpdateRequest(ConfigType.WEBHOOKS, json("{\"a\":{}}"), hash, null, null, "rollout");
    }

    private static ConfigUpdateRequest validating(String config) {
        return new ConfigUpdateRequest(ConfigType.WEBHOOKS, json(config), null, null, true, "rollout");
    }

    private InstanceRef ref() {
        return new InstanceRef("webhook-1", instance.url() + "/");
    }

    private InstanceClient client() {
        return new InstanceClient(
                vertx.createHttpClient(), Optional.of(Secret.of("s3cret")), Duration.ofSeconds(10), () -> 7);
    }

    private static ControlException failure(Future<?> call) {
        return catchThrowableOfType(ControlException.class, () -> Await.value(call));
    }

    private static JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
