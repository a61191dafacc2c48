package io.sluice.rollout.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.DrainState;
import io.sluice.proxy.api.HoldRequest;
import io.sluice.proxy.api.PoolView;
import io.sluice.proxy.api.ProxyHeaders;
import io.sluice.rollout.driver.ControlException;
import io.sluice.rollout.driver.ControlException.Kind;
import io.sluice.rollout.driver.TrafficControl.PoolRef;
import io.sluice.rollout.fake.Await;
import io.sluice.rollout.fake.FakeInstance;
import io.sluice.rollout.fake.FakeProxy;
import io.sluice.rollout.fake.FakeServer;
import io.sluice.rollout.remote.RemoteEndpoint;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProxyClientIT {
    private static final PoolRef POOL = new PoolRef("webhooks", 7);
    private static final HoldRequest HOLD = new HoldRequest("r-1", Duration.ofSeconds(30));

    private final Vertx vertx = Vertx.vertx();
    private final FakeProxy proxy =
            new FakeProxy(vertx, List.of(new FakeInstance(vertx, "webhook-1"), new FakeInstance(vertx, "webhook-2")));

    @BeforeEach
    void start() {
        Await.value(proxy.start());
    }

    @AfterEach
    void stop() {
        Await.value(vertx.close());
    }

    @Test
    void everyChangeIsSignedWithTokenAuthorAndEpoch() {
        Await.value(client().acceptConfiguration(POOL, List.of("aa"), "start"));
        Await.value(client().putHold(POOL, "webhook-1", "rollout:r-1", HOLD));
        Await.value(client().removeHold(POOL, "webhook-1", "rollout:r-1"));

        assertThat(proxy.received())
                .filteredOn(one -> !one.method().equals("GET"))
                .hasSize(3)
                .allSatisfy(one -> assertThat(one.headers())
                        .containsEntry("Authorization", "Bearer s3cret")
                        .containsEntry(ProxyHeaders.AUTHOR, "rollout engine")
                        .containsEntry(ProxyHeaders.ROLLOUT_EPOCH, "7"));
    }

    @Test
    void acceptingAConfigurationStartsAgainOnTopOfSomebodyElsesChange() {
        proxy.conflicts(3);

        PoolView after = Await.value(client().acceptConfiguration(POOL, List.of("aa", "bb"), "start"));

        assertThat(after.acceptedConfiguration()).containsExactly("aa", "bb");
        assertThat(proxy.calls()).filteredOn(call -> call.startsWith("PATCH")).hasSize(4);
    }

    @Test
    void acceptingAConfigurationGivesUpWhenThePoolNeverStandsStill() {
        proxy.conflicts(1000);

        assertThat(reason(client().acceptConfiguration(POOL, List.of("aa"), "start")))
                .isEqualTo(Kind.CONFLICT);
    }

    @Test
    void acceptingWhatIsAcceptedAlreadyChangesNothing() {
        proxy.accept(List.of("bb", "aa"));

        Await.value(client().acceptConfiguration(POOL, List.of("aa", "bb"), "start"));

        assertThat(proxy.calls()).noneMatch(call -> call.startsWith("PATCH"));
    }

    @Test
    void aHoldStartsADrainThatCanBeWaitedFor() {
        proxy.slowDrains();
        DrainOperation started = Await.value(client().putHold(POOL, "webhook-1", "rollout:r-1", HOLD));
        assertThat(started.state()).isEqualTo(DrainState.DRAINING);

        Future<DrainOperation> ended = client().awaitOperation(started.id(), Duration.ofSeconds(10));
        Await.until(
                "the poll has arrived",
                () -> proxy.calls().contains("GET /v1/operations/" + started.id() + "?wait=10s"));
        assertThat(ended.isComplete()).isFalse();
        proxy.finishDrains();

        assertThat(Await.value(ended).state()).isEqualTo(DrainState.DRAINED);
    }

    @Test
    void takingAwayAHoldThatIsGoneIsAsGood() {
        Await.value(client().removeHold(POOL, "webhook-1", "rollout:r-1"));
    }

    @Test
    void anOldEpochIsToldApart() {
        Await.value(client().putHold(new PoolRef("webhooks", 8), "webhook-1", "rollout:r-1", HOLD));

        assertThat(reason(client().removeHold(POOL, "webhook-1", "rollout:r-1")))
                .isEqualTo(Kind.STALE_EPOCH);
        assertThat(proxy.holdsOf("webhook-1")).containsExactly("rollout:r-1");
    }

    @Test
    void aBrokenFloorIsToldApart() {
        Await.value(client().putHold(POOL, "webhook-1", "rollout:r-1", HOLD));

        assertThat(reason(client().putHold(POOL, "webhook-2", "rollout:r-1", HOLD)))
                .isEqualTo(Kind.FLOOR);
    }

    @Test
    void anUnknownPoolIsToldApart() {
        assertThat(reason(client().pool(new PoolRef("nope", 7)))).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void aProxyThatIsNotThereIsUnreachable() {
        Await.value(proxy.stop());

        assertThat(reason(client().pool(POOL))).isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void aHoldWithoutAnAnswerIsSentOnceMoreAndThenUnknown() {
        proxy.mood(FakeServer.Mood.HANGS_UP);

        assertThat(reason(client().putHold(POOL, "webhook-1", "rollout:r-1", HOLD)))
                .isEqualTo(Kind.UNKNOWN_OUTCOME);
        assertThat(proxy.calls()).hasSize(2);
    }

    @Test
    void aSilentProxyIsGivenUpAfterTheTimeout() {
        proxy.mood(FakeServer.Mood.IS_SILENT);

        assertThat(reason(client(Duration.ofMillis(50)).pool(POOL))).isEqualTo(Kind.UNKNOWN_OUTCOME);
    }

    private ProxyClient client() {
        return client(Duration.ofSeconds(10));
    }

    private ProxyClient client(Duration timeout) {
        return new ProxyClient(
                new RemoteEndpoint(
                        vertx.createHttpClient(), proxy.url(), Optional.of(Secret.of("s3cret")), Duration.ofSeconds(2)),
                "rollout engine",
                timeout);
    }

    private static Kind reason(Future<?> call) {
        return catchThrowableOfType(ControlException.class, () -> Await.value(call))
                .kind();
    }
}
