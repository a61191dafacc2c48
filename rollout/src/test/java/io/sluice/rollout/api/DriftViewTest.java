package io.sluice.rollout.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.HoldView;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.api.DriftView.State;
import io.sluice.rollout.catchup.CatchUpStatus;
import io.sluice.rollout.fake.FakeEngine;
import io.sluice.rollout.fake.Rollouts;
import io.sluice.rollout.plan.LeftBehind;
import io.sluice.rollout.plan.Step;
import io.sluice.service.json.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DriftViewTest {
    private static final CatchUpStatus QUIET = new CatchUpStatus(0, null, null, null);

    private final FakeEngine engine = new FakeEngine();

    @Test
    void aPoolIsInSyncOnlyWhenEveryInstanceReportsWhatIsDesired() {
        engine.desire("webhooks", Json.mapper().createObjectNode());
        String hash = engine.desired("webhooks").orElseThrow().hash();

        assertThat(drift(backend("a", hash), backend("b", hash)).inSync()).isTrue();
        assertThat(drift(backend("a", hash), backend("b", "other")).instances())
                .extracting(DriftView.InstanceDrift::state)
                .containsExactly(State.IN_SYNC, State.DRIFTED);
        assertThat(drift(backend("a", hash), backend("b", null)).inSync()).isFalse();
    }

    @Test
    void withoutAnythingDesiredNothingIsKnownToBeRight() {
        DriftView drift = drift(backend("a", "some"));

        assertThat(drift.desired()).isNull();
        assertThat(drift.inSync()).isFalse();
        assertThat(drift.instances()).extracting(DriftView.InstanceDrift::state).containsExactly(State.UNKNOWN);
    }

    @Test
    void whyAnInstanceWasLeftHeldIsShownAsLongAsItIs() {
        engine.leaveBehind(new LeftBehind("webhooks", "a", "rollout:r-1", Step.QUARANTINED, "sick"));

        assertThat(drift(backend("a", "x", "rollout:r-1")).instances().get(0).leftBehind())
                .isEqualTo("QUARANTINED: sick");
        assertThat(drift(backend("a", "x")).instances().get(0).leftBehind()).isNull();
        assertThat(drift(backend("a", "x", "operator:ana")).instances().get(0).leftBehind())
                .isNull();
    }

    @Test
    void theRolloutThatChangesThePoolNowIsNamed() {
        engine.put(Rollouts.pending("r-7"));

        assertThat(drift(backend("a", "x")).activeRollout()).isEqualTo("r-7");
    }

    private DriftView drift(BackendView... backends) {
        PoolView pool = new PoolView("webhooks", 1, "boot", 1, 1, 1, List.of(), List.of(backends));
        return DriftView.of(pool, engine, instance -> QUIET);
    }

    private static BackendView backend(String id, @Nullable String hash, String... holds) {
        List<HoldView> on = List.of(holds).stream()
                .map(name -> new HoldView(name, "", "someone", Rollouts.START, 1))
                .toList();
        return new BackendView(
                id, "h:1", null, 1, 1, on.isEmpty(), List.of(), 0, on, Health.UP, null, hash, id, 0, 0, 0);
    }
}
