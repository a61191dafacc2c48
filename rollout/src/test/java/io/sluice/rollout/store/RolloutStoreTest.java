package io.sluice.rollout.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.instance.api.ConfigType;
import io.sluice.journal.JournalException;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Proof;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutProblem;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.RolloutStatus.Stage;
import io.sluice.rollout.plan.Step;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutStoreTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123456789Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @TempDir
    private Path folder;

    @Test
    void everythingIsThereAfterReopening() throws Exception {
        Rollout full = withEveryField(rollout("r-1"));
        StoredKey key = new StoredKey("key", "fingerprint", "r-1", NOW);
        RolloutStore store = opened();
        done(store.save(rollout("r-1"), key));
        Rollout saved = done(store.save(full, null));
        store.close();
        StoredState state = opened().state();
        assertThat(state.find("r-1")).map(StoredRollout::rollout).contains(saved);
        assertThat(saved).isEqualTo(full.numbered(2, 0));
        assertThat(state.key("key")).contains(key);
        assertThat(state.created()).isEqualTo(1);
    }

    @Test
    void eachStartReignsWithAHigherEpoch() throws Exception {
        List<Long> epochs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            RolloutStore store = opened();
            epochs.add(done(store.reign()));
            store.close();
        }
        assertThat(epochs).containsExactly(1L, 2L, 3L);
    }

    @Test
    void onlyOneEngineMayHaveItOpen() {
        RolloutStore store = opened();
        assertThatThrownBy(this::opened).isInstanceOf(JournalException.class);
        store.close();
    }

    @Test
    void oldRolloutsAreForgottenAndIdsAreNotUsedAgain() throws Exception {
        RolloutStore store = opened();
        Rollout running = rollout("r-1");
        done(store.save(running, null));
        for (int i = 2; i <= 202; i++) {
            Rollout next = rollout("r-" + i);
            done(store.save(next.with(next.status().to(Phase.SUCCEEDED, Stage.OVER, "", NOW)), null));
        }
        done(store.compact());
        assertThat(store.state().rollouts()).hasSize(101);
        done(store.reign());
        store.close();
        RolloutStore again = opened();
        assertThat(again.state().rollouts()).hasSize(101);
        assertThat(again.state().find("r-1")).isPresent();
        assertThat(again.state().find("r-102")).isEmpty();
        assertThat(again.state().find("r-103")).isPresent();
        assertThat(again.state().created()).isEqualTo(202);
        assertThat(again.state().epoch()).isEqualTo(1);
        again.close();
    }

    @Test
    void onlyStepsThatChangedAreWritten() {
        Rollout before = rollout("r-1")
                .withSteps(List.of(
                        InstanceStep.queued("webhook-1", "http://a"), InstanceStep.queued("webhook-2", "http://b")));
        InstanceStep changed = before.steps().get(1).exit(Step.SKIPPED, "gone");
        assertThat(StoredState.difference(before, before.with(changed)).steps()).containsExactly(changed);
    }

    private static Rollout rollout(String id) {
        RolloutRequest request =
                RolloutRequest.of("webhooks", ConfigType.WEBHOOKS, JsonNodeFactory.instance.objectNode());
        return new Rollout(id, 0, 0, request.spec(), RolloutStatus.pending(NOW), null, List.of(), List.of(), List.of());
    }

    private static Rollout withEveryField(Rollout rollout) {
        PreImage image = new PreImage("old", "w", "c", 3);
        InstanceStep step =
                InstanceStep.queued("webhook-1", "http://127.0.0.1:8001").walk(Goal.UPDATE, false, NOW);
        for (Proof proof : proofs(image)) {
            step = step.reached(Step.IN_SERVICE, proof);
        }
        step = step.toward(Step.SETTLED, NOW)
                .withPreImage(image)
                .releasing(Step.QUEUED, "why")
                .failed("what");
        return rollout.with(new FleetPlan("new", List.of("old"), 4, false))
                .with(rollout.status().concluding(Phase.HALTED).waking(NOW))
                .withProblems(List.of(new RolloutProblem("webhook-1", "webhooks", "/a", "code", "message", "hint")))
                .withRecovery(List.of("webhook-1 is held"))
                .withSteps(List.of(step));
    }

    private static List<Proof> proofs(PreImage image) {
        return List.of(
                new Proof.Prechecked(image, "healthy", List.of("rollout:r-0"), NOW),
                new Proof.Held("rollout:r-1", "d-1", 7, 2, "boot", NOW),
                new Proof.Latched("d-1", 7, NOW, NOW, 0, NOW),
                new Proof.InstanceDrained(0, List.of("rollout:r-1"), NOW),
                new Proof.Applied("old", "new", true, NOW),
                new Proof.Verified("new", 4, NOW),
                new Proof.Undrained(List.of("operator"), NOW),
                new Proof.Healthy(2, 3, NOW),
                new Proof.Released(9, 100, NOW),
                new Proof.InService(Proof.FirstSuccess.TRAFFIC, "operator:ana", NOW),
                new Proof.Settled(NOW));
    }

    private RolloutStore opened() {
        RolloutStore store = new RolloutStore(new JournalStateLog(folder), CLOCK, CrashPoint.NONE);
        store.open();
        return store;
    }

    private static <T> T done(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
