package io.sluice.rollout.engine;

import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Intent;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.RolloutStatus.Stage;
import io.sluice.rollout.plan.Step;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One decision in the making: the state as changed so far, instance by instance, and the actions collected. Used once, by one thread. */
final class Draft {
    private final Instant now;
    private final List<Action> actions = new ArrayList<>();
    private Rollout state;

    Draft(Rollout state, Instant now) {
        this.state = state;
        this.now = now;
    }

    Decision decision() {
        return new Decision(state, actions);
    }

    Rollout state() {
        return state;
    }

    /** Changes more than the status. */
    void change(UnaryOperator<Rollout> change) {
        state = change.apply(state);
    }

    void add(Action action) {
        actions.add(action);
    }

    boolean isAt(Stage stage) {
        return state.status().stage() == stage;
    }

    /** Whether new instances may still be taken up. */
    boolean isWalkingOn() {
        return state.status().conclusion() == null && !state.intent().isAtLeast(Intent.ABORT);
    }

    String summary() {
        long updated = state.steps().stream()
                .filter(step -> step.reached() == Step.DONE)
                .count();
        String count = updated + " of " + state.steps().size() + " instances run the new configuration";
        return state.steps().stream()
                .filter(step -> step.failure() != null)
                .findFirst()
                .map(step -> count + "; " + step.backend() + " " + Objects.requireNonNull(step.failure()))
                .orElse(count);
    }

    String refusal() {
        int count = state.problems().size();
        return (count == 1 ? "1 problem" : count + " problems") + ", nothing was touched";
    }

    void set(UnaryOperator<RolloutStatus> change) {
        state = state.with(change.apply(state.status()));
    }

    Optional<InstanceStep> working(String backend, int attempt) {
        return state.step(backend).filter(step -> step.isInFlight() && step.attempt() == attempt);
    }

    StepMachine steps() {
        return new StepMachine(state.spec(), state.requirePlan(), now);
    }

    /** Takes a step over, and applies the failure policy when it has just failed. */
    void moved(InstanceStep before, InstanceStep after) {
        replace(steps().redirect(after, state.intent()));
        String failure = after.failure();
        if (failure != null && before.failure() == null && isWalkingOn()) {
            applyPolicy(after.backend() + " " + failure);
        }
    }

    private void applyPolicy(String why) {
        long failures =
                state.steps().stream().filter(step -> step.failure() != null).count();
        switch (state.spec().onFailure()) {
            case ROLLBACK -> {
                set(status -> status.asking(Intent.ROLLBACK)
                        .concluding(Phase.ROLLED_BACK)
                        .to(Phase.ROLLING_BACK, Stage.WALKING, why, now));
                redirectAll();
            }
            case HALT -> halt(why);
            case CONTINUE -> {
                if (failures > state.spec().failureBudget()) {
                    halt(why);
                }
            }
        }
    }

    private void halt(String why) {
        set(status -> status.concluding(Phase.HALTED).at(Stage.WALKING, why));
        redirectAll();
    }

    /** A stop makes those safe that are being worked on, and takes nobody else up. */
    void redirectAll() {
        Intent intent =
                state.status().conclusion() == Phase.HALTED && !state.intent().isAtLeast(Intent.ABORT)
                        ? Intent.ABORT
                        : state.intent();
        for (InstanceStep step : state.steps()) {
            InstanceStep redirected = steps().redirect(step, intent);
            if (!redirected.equals(step)) {
                replace(redirected);
            }
        }
    }

    void queueRestores(Predicate<InstanceStep> which) {
        for (InstanceStep step : state.steps()) {
            PreImage image = step.preImage();
            boolean hasWayBack =
                    image != null && !image.hash().equals(state.requirePlan().targetHash());
            if (which.test(step) && step.touched() && hasWayBack) {
                replace(step.queue(Goal.RESTORE, "to be put back"));
            }
        }
    }

    /** Puts a step in its place, and has it performed when it is a new piece of work. */
    void replace(InstanceStep next) {
        @Nullable InstanceStep before = state.step(next.backend()).orElse(null);
        state = state.with(next);
        if (next.isInFlight() && (before == null || before.attempt() != next.attempt())) {
            actions.removeIf(action -> action instanceof Action.Perform work
                    && work.step().backend().equals(next.backend()));
            actions.add(new Action.Perform(next));
        }
    }
}
