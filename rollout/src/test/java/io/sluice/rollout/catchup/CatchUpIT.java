package io.sluice.rollout.catchup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.instance.api.ConfigHash;
import io.sluice.instance.api.ConfigType;
import io.sluice.instance.api.DrainRequest;
import io.sluice.rollout.driver.InstanceControl.InstanceRef;
import io.sluice.rollout.fake.Await;
import io.sluice.rollout.fake.FakeEngine;
import io.sluice.rollout.fake.FakeInstance;
import io.sluice.rollout.fake.FakeProxy;
import io.sluice.rollout.fake.FakeServer;
import io.sluice.rollout.instance.InstanceClient;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.LeftBehind;
import io.sluice.rollout.plan.PauseReason;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.remote.RemoteEndpoint;
import io.sluice.rollout.traffic.ProxyClient;
import io.sluice.service.json.Json;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CatchUpIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final JsonNode NOTHING = JsonNodeFactory.instance.objectNode();
    private static final JsonNode NEW = JsonNodeFactory.instance.objectNode().put("hook", "new");
    private static final String TARGET = ConfigHash.ofBundle(NEW, NOTHING);

    private final Vertx vertx = Vertx.vertx();
    private final FakeInstance first = new FakeInstance(vertx, "webhook-1").runs(NEW, NOTHING);
    private final FakeInstance second = new FakeInstance(vertx, "webhook-2");
    private final FakeProxy proxy = new FakeProxy(vertx, List.of(first, second));
    private final SteppedClock clock = new SteppedClock();
    private final FakeEngine engine = new FakeEngine();

    @BeforeEach
    void start() {
        Await.value(first.start());
        Await.value(second.start());
        Await.value(proxy.start());
        proxy.accept(List.of(TARGET));
        engine.desire("webhooks", new TargetConfiguration(TARGET, NEW, NOTHING).bundle());
    }

    @AfterEach
    void stop() {
        Await.value(vertx.close());
    }

    @Test
    void anInstanceWithAnotherConfigurationIsGivenThePoolsBeforeItGetsTraffic() {
        CatchUp catchUp = catchUp();

        Await.value(catchUp.round());

        assertThat(second.hash()).isEqualTo(TARGET);
        assertThat(second.updates())
                .singleElement()
                .satisfies(update -> assertThat(update.body())
                        .contains("\"if_hash\":\"" + ConfigHash.ofBundle(NOTHING, NOTHING) + "\""));
        assertThat(catchUp.status("webhooks", "webhook-2").caughtUpAt()).isEqualTo(clock.instant());
        assertThat(first.received()).isEmpty();
    }

    @Test
    void withoutATargetNothingIsTouched() {
        CatchUp ignorant = catchUp(new FakeEngine());

        Await.value(ignorant.round());

        assertThat(second.received()).isEmpty();
    }

    @Test
    void whatAnOperatorHoldsIsNotTouched() {
        proxy.hold("webhook-2", "operator:ana", "ana");

        Await.value(catchUp().round());

        assertThat(second.received()).isEmpty();
    }

    @Test
    void whatAnOperatorDrainsIsNotChanged() {
        String before = second.hash();
        drain(second, "operator");

        CatchUp catchUp = catchUp();
        Await.value(catchUp.round());

        assertThat(second.hash()).isEqualTo(before);
        assertThat(catchUp.status("webhooks", "webhook-2").lastFailure()).contains("operator");
    }

    @Test
    void whileARolloutWalksNothingIsTouched() {
        rollout(Phase.RUNNING);

        Await.value(catchUp().round());

        assertThat(second.received()).isEmpty();
    }

    @Test
    void whileSomebodyHasPausedARolloutAnInstanceGetsWhatTheRolloutLeadsTo() {
        engine.desire("webhooks", Json.mapper().createObjectNode());
        rollout(Phase.PAUSED);
        proxy.accept(List.of("something-old", TARGET));

        Await.value(catchUp().round());

        assertThat(second.hash()).isEqualTo(TARGET);
    }

    @Test
    void whileARolloutWaitsForAHumanAfterARestartNothingIsTouched() {
        rollout(Phase.PAUSED);
        Rollout paused = engine.active("webhooks").orElseThrow();
        engine.put(paused.with(paused.status().paused(PauseReason.RECOVERY, "strange", FakeEngine.NOW)));

        Await.value(catchUp().round());

        assertThat(second.received()).isEmpty();
    }

    @Test
    void aHoldOnALostInstanceIsTakenAwayOnceItIsBackAndUpToDate() {
        proxy.hold("webhook-2", "rollout:r-9", "rollout:r-9");
        drain(second, "rollout:r-9");
        engine.leaveBehind(new LeftBehind("webhooks", "webhook-2", "rollout:r-9", Step.LOST, "gone"));

        Await.value(catchUp().round());

        assertThat(second.hash()).isEqualTo(TARGET);
        assertThat(second.isDraining()).isFalse();
        assertThat(proxy.holdsOf("webhook-2")).isEmpty();
    }

    @Test
    void aHoldOnAnInstanceInQuarantineStays() {
        proxy.hold("webhook-2", "rollout:r-9", "rollout:r-9");
        engine.leaveBehind(new LeftBehind("webhooks", "webhook-2", "rollout:r-9", Step.QUARANTINED, "sick"));

        Await.value(catchUp().round());

        assertThat(second.received()).isEmpty();
        assertThat(proxy.holdsOf("webhook-2")).containsExactly("rollout:r-9");
    }

    @Test
    void aHoldStaysOnAnInstanceThatCannotBeBroughtUpToDate() {
        proxy.hold("webhook-2", "rollout:r-9", "rollout:r-9");
        engine.leaveBehind(new LeftBehind("webhooks", "webhook-2", "rollout:r-9", Step.LOST, "gone"));
        second.mood(FakeServer.Mood.HANGS_UP);

        Await.value(catchUp().round());

        assertThat(proxy.holdsOf("webhook-2")).containsExactly("rollout:r-9");
    }

    @Test
    void anInstanceThatFailsIsLeftAloneForLongerAndLonger() {
        CatchUp catchUp = catchUp();
        second.mood(FakeServer.Mood.HANGS_UP);

        Await.value(catchUp.round());
        int asked = second.received().size();
        Await.value(catchUp.round());
        assertThat(second.received()).hasSize(asked);

        clock.now = clock.now.plusSeconds(1);
        Await.value(catchUp.round());
        assertThat(second.received().size()).isGreaterThan(asked);
        assertThat(catchUp.status("webhooks", "webhook-2").failures()).isEqualTo(2);
        assertThat(catchUp.status("webhooks", "webhook-2").nextAttempt()).isEqualTo(clock.now.plusSeconds(2));

        second.mood(FakeServer.Mood.ANSWERS);
        clock.now = clock.now.plusSeconds(2);
        Await.value(catchUp.round());
        assertThat(second.hash()).isEqualTo(TARGET);
        assertThat(catchUp.status("webhooks", "webhook-2").failures()).isZero();
    }

    @Test
    void roundsGoOnByThemselvesUntilStopped() {
        CatchUp catchUp = catchUp();
        catchUp.start();

        Await.until("the instance is up to date", () -> second.hash().equals(TARGET));
        Await.value(catchUp.stop());
    }

    private void rollout(Phase phase) {
        RolloutRequest request = RolloutRequest.of("webhooks", ConfigType.WEBHOOKS, NEW);
        Rollout pending = Await.value(engine.submit(request, null)).rollout();
        FleetPlan plan = new FleetPlan(TARGET, List.of(), 1, false);
        RolloutStatus status = phase == Phase.PAUSED
                ? pending.status().paused(PauseReason.USER, "paused", FakeEngine.NOW)
                : pending.status().to(phase, RolloutStatus.Stage.WALKING, "walks", FakeEngine.NOW);
        engine.put(pending.with(plan).with(status));
    }

    private void drain(FakeInstance instance, String holder) {
        InstanceRef ref = new InstanceRef(instance.id(), instance.url());
        Await.value(instances().drain(ref, new DrainRequest(holder, 0L, null)));
    }

    private CatchUp catchUp() {
        return catchUp(engine);
    }

    private CatchUp catchUp(FakeEngine of) {
        ProxyClient client = new ProxyClient(
                new RemoteEndpoint(vertx.createHttpClient(), proxy.url(), Optional.empty(), TIMEOUT),
                "catch-up",
                TIMEOUT);
        CatchUpSettings settings =
                new CatchUpSettings(Duration.ofMillis(5), Duration.ofSeconds(1), Duration.ofSeconds(30));
        return new CatchUp(vertx, client, instances(), of, settings, clock, succeeded -> {});
    }

    private InstanceClient instances() {
        return new InstanceClient(vertx.createHttpClient(), Optional.empty(), TIMEOUT, () -> 3);
    }

    private static final class SteppedClock extends Clock {
        private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
