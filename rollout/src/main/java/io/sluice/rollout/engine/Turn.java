package io.sluice.rollout.engine;

import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Intent;
import io.sluice.rollout.plan.PauseReason;
import io.sluice.rollout.plan.Phase;
import io.sluice.rollout.plan.PreImage;
import io.sluice.rollout.plan.RecoveryPolicy;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutProblem;
import io.sluice.rollout.plan.RolloutStatus;
import io.sluice.rollout.plan.RolloutStatus.Stage;
import io.sluice.rollout.plan.Step;
import io.sluice.rollout.plan.Verb;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One decision in the making: the state as changed so far and the actions collected. Used once, by one thread. */
final class Turn implements Event.Listener {
    /** How soon to look again when the floor, or the proxy, stands in the way; it doubles up to {@link #LONGEST_REST}. */
    private static final Duration SHORTEST_REST = Duration.ofMillis(100);

    private static final Duration LONGEST_REST = Duration.ofSeconds(2);

    private final Instant now;
    private final Duration maxAway;
    private final List<Action> actions = new ArrayList<>();
    private Rollout state;

    Turn(Rollout state, Instant now, Duration maxAway) {
        this.state = state;
        this.now = now;
        this.maxAway = maxAway;
    }

    Decision decision() {
        return new Decision(state, actions);
    }

    @Override
    public void begun(Event.Begun event) {
        if (state.phase() == Phase.PENDING) {
            examine();
        }
    }

    @Override
    public void examined(Event.Examined event) {
        if (!isAt(Stage.EXAMINING)) {
            return;
        }
        Preflight preflight = new Preflight(state.spec(), event.view(), event.instances());
        List<RolloutProblem> problems = preflight.problems();
        if (!problems.isEmpty()) {
            reject(problems);
            return;
        }
        state = state.with(preflight.plan()).withSteps(preflight.steps());
        admit();
    }

    @Override
    public void admitted(Event.Admitted event) {
        if (!isAt(Stage.ADMITTING)) {
            return;
        }
        if (state.phase() == Phase.ROLLING_BACK) {
            set(status -> status.at(Stage.WALKING, status.detail()));
        } else {
            set(status -> status.to(Phase.RUNNING, Stage.WALKING, "started", now));
        }
        proceed(false);
    }

    @Override
    public void surveyed(Event.Surveyed event) {
        if (!isAt(Stage.SURVEYING)) {
            return;
        }
        PoolView view = event.view();
        state = state.withSteps(new Survey(state, view).reconciled());
        Survey survey = new Survey(state, view);
        if (survey.pending().isEmpty()) {
            conclude(survey::isMember);
            return;
        }
        List<InstanceStep> batch = survey.batch();
        if (batch.isEmpty()) {
            restForFloor(Floor.shortage(view, state.requirePlan().floor()));
            return;
        }
        walk("working");
        batch.forEach(step -> replace(steps().start(step, survey.isInPlace(step))));
    }

    @Override
    public void concluded(Event.Concluded event) {
        Phase end = state.status().conclusion();
        if (isAt(Stage.CONCLUDING) && end != null) {
            String why = end == Phase.REJECTED ? refusal() : summary();
            set(status -> status.to(end, Stage.OVER, why, now));
        }
    }

    @Override
    public void taskFailed(Event.TaskFailed event) {
        if (!isAt(event.stage())) {
            return;
        }
        String why = event.failure().detail();
        switch (event.stage()) {
            case EXAMINING -> reject(List.of(RolloutProblem.of(null, "proxy", why)));
            case ADMITTING -> notAdmitted(event.failure());
            case SURVEYING, CONCLUDING -> rest(PauseReason.PROXY, why, LONGEST_REST);
            case RECOVERING -> actions.add(new Action.Observe());
            case WAITING, WALKING, RESTING, OVER -> throw new IllegalStateException("no task in " + event.stage());
        }
    }

    @Override
    public void achieved(Event.Achieved event) {
        working(event.backend(), event.attempt()).ifPresent(step -> {
            moved(step, steps().achieved(step, event.proof()));
            proceed(true);
        });
    }

    @Override
    public void failed(Event.Failed event) {
        working(event.backend(), event.attempt()).ifPresent(step -> {
            moved(step, steps().failed(step, event.failure()));
            boolean blocked = event.failure().kind() == Failure.Kind.FLOOR && !state.isInFlight();
            if (blocked && isWalkingOn()) {
                rest(PauseReason.FLOOR, event.failure().detail(), LONGEST_REST);
            } else {
                proceed(true);
            }
        });
    }

    @Override
    public void asked(Event.Asked event) {
        String why = event.verb().name().toLowerCase(Locale.ROOT) + " by " + event.author()
                + (event.reason().isBlank() ? "" : ": " + event.reason());
        switch (event.verb()) {
            case PAUSE -> pause(why);
            case RESUME -> resume(why);
            case ABORT -> stop(Verb.ABORT, why);
            case ROLLBACK -> stop(Verb.ROLLBACK, why);
        }
    }

    @Override
    public void woken(Event.Woken event) {
        Instant wakeAt = state.status().wakeAt();
        if (!isAt(Stage.RESTING) || wakeAt == null || now.isBefore(wakeAt)) {
            return;
        }
        if (state.phase() == Phase.BAKING) {
            set(status -> status.to(Phase.RUNNING, Stage.WALKING, "baked", now));
        }
        if (state.phase() == Phase.ROLLING_BACK) {
            admit();
        } else {
            survey();
        }
    }

    @Override
    public void restarted(Event.Restarted event) {
        switch (state.status().stage()) {
            case WAITING -> begun(new Event.Begun());
            case EXAMINING -> examine();
            case ADMITTING -> admit();
            case CONCLUDING -> conclude(step -> true);
            case WALKING, SURVEYING, RESTING, RECOVERING -> {
                boolean sleeps =
                        state.phase() == Phase.PAUSED && state.status().wakeAt() == null && isAt(Stage.RESTING);
                if (!sleeps) {
                    set(status -> status.at(Stage.RECOVERING, "observing the fleet after a restart"));
                    actions.add(new Action.Observe());
                }
            }
            case OVER -> throw new IllegalStateException(state.id() + " is over");
        }
    }

    @Override
    public void observed(Event.Observed event) {
        if (!isAt(Stage.RECOVERING)) {
            return;
        }
        boolean resting = state.phase() == Phase.PAUSED || state.phase() == Phase.BAKING;
        boolean owed = state.status().pauseReason() == PauseReason.RECOVERY;
        set(status -> status.to(resting ? Phase.RUNNING : state.phase(), Stage.WALKING, "recovered", now));
        boolean drifted = classify(event);
        boolean away = event.away().compareTo(maxAway) > 0;
        if (isWalkingOn()) {
            boolean failed = state.steps().stream().anyMatch(step -> step.failure() != null);
            RecoveryPolicy policy = state.spec().onRecovery();
            if (policy == RecoveryPolicy.ROLLBACK) {
                stop(Verb.ROLLBACK, "the engine was restarted");
                return;
            }
            if (policy == RecoveryPolicy.PAUSE || drifted || failed || away || owed) {
                String why = drifted
                        ? "an instance was changed by somebody else"
                        : failed
                                ? "an instance failed"
                                : away ? "the engine was away" : "the engine was restarted again before it had paused";
                set(status -> status.pausing(PauseReason.RECOVERY, why));
            }
        }
        redirectAll();
        proceed(false);
    }

    private boolean classify(Event.Observed event) {
        Classification classification = new Classification(state.requirePlan(), steps());
        List<String> findings = new ArrayList<>();
        boolean drifted = false;
        for (Observation seen : event.instances()) {
            InstanceStep step = state.step(seen.backend()).orElseThrow();
            Classification.Verdict verdict = classification.of(step, seen);
            findings.add(seen.backend() + " " + verdict.finding());
            drifted |= verdict.drifted();
            moved(step, verdict.step());
        }
        state = state.withRecovery(findings);
        return drifted;
    }

    private void examine() {
        set(status -> status.to(Phase.VALIDATING, Stage.EXAMINING, "asking every instance", now));
        actions.add(new Action.Examine());
    }

    private void reject(List<RolloutProblem> problems) {
        state = state.withProblems(problems);
        set(status -> status.to(Phase.REJECTED, Stage.OVER, refusal(), now));
    }

    private String refusal() {
        int count = state.problems().size();
        return (count == 1 ? "1 problem" : count + " problems") + ", nothing was touched";
    }

    /** When the answer may just have been lost, the pool may admit the new configuration by now, which has to be taken back. */
    private void notAdmitted(Failure failure) {
        if (state.phase() == Phase.ROLLING_BACK) {
            rest(PauseReason.PROXY, failure.detail(), LONGEST_REST);
            return;
        }
        List<RolloutProblem> problems = List.of(RolloutProblem.of(null, "proxy", failure.detail()));
        if (failure.isSilence()) {
            state = state.withProblems(problems);
            set(status -> status.concluding(Phase.REJECTED));
            conclude(step -> true);
        } else {
            reject(problems);
        }
    }

    private void admit() {
        FleetPlan plan = state.requirePlan();
        Set<String> hashes = new LinkedHashSet<>(plan.baseHashes());
        hashes.add(plan.targetHash());
        set(status -> status.at(Stage.ADMITTING, "the pool is to admit the old and the new configuration"));
        actions.add(new Action.Admit(List.copyOf(hashes)));
    }

    private void survey() {
        set(status -> status.at(Stage.SURVEYING, status.detail()));
        actions.add(new Action.Survey());
    }

    private void conclude(Predicate<InstanceStep> isMember) {
        Outcome outcome = new Outcome(state);
        if (state.phase() == Phase.ROLLING_BACK && !outcome.isRolledBack()) {
            set(status -> status.to(Phase.NEEDS_ATTENTION, Stage.WAITING, summary(), now));
            return;
        }
        Phase decided = state.status().conclusion();
        Phase end = decided == null ? Outcome.ofWalk(state, isMember) : decided;
        if (state.phase() == Phase.PAUSED) {
            walk("finishing");
        }
        set(status -> status.concluding(end).at(Stage.CONCLUDING, "the pool is to admit what the fleet runs"));
        actions.add(new Action.Conclude(outcome.accepted(end), outcome.keptHeld()));
    }

    /** Chooses what comes next when nobody is in flight. */
    private void proceed(boolean afterBatch) {
        if (state.isInFlight() || isAt(Stage.RECOVERING)) {
            return;
        }
        RolloutStatus status = state.status();
        switch (state.phase()) {
            case RUNNING -> {
                PauseReason pending = status.pauseReason();
                if (!isWalkingOn()) {
                    survey();
                } else if (pending != null) {
                    set(s -> s.paused(pending, s.detail(), now));
                } else if (status.intent() == Intent.PAUSE) {
                    set(s -> s.paused(PauseReason.USER, s.detail(), now));
                } else if (afterBatch && bakes()) {
                    Instant until = now.plus(state.spec().strategy().bake());
                    set(s -> s.to(Phase.BAKING, Stage.RESTING, "baking", now).waking(until));
                    actions.add(new Action.Rest(until));
                } else {
                    survey();
                }
            }
            case ROLLING_BACK -> {
                queueRestores(step -> step.reached() == Step.DONE || (step.isQueued() && step.goal() == Goal.UPDATE));
                survey();
            }
            case ABORTING, VALIDATING -> survey();
            default -> {}
        }
    }

    private boolean bakes() {
        return !state.spec().strategy().bake().isZero()
                && state.steps().stream().anyMatch(InstanceStep::isQueued);
    }

    /** Whether new instances may still be taken up. */
    private boolean isWalkingOn() {
        return state.status().conclusion() == null && !state.intent().isAtLeast(Intent.ABORT);
    }

    private void pause(String why) {
        boolean late = isAt(Stage.CONCLUDING) || !isWalkingOn();
        if (late || state.intent() != Intent.FORWARD || state.phase() == Phase.NEEDS_ATTENTION) {
            return;
        }
        set(status -> status.asking(Intent.PAUSE));
        boolean idle = isAt(Stage.SURVEYING) || isAt(Stage.RESTING);
        if (idle) {
            set(status -> status.paused(PauseReason.USER, why, now));
        }
    }

    private void resume(String why) {
        if (state.intent() == Intent.PAUSE) {
            set(status -> status.asking(Intent.FORWARD));
        }
        if (state.phase() == Phase.PAUSED && !isAt(Stage.RECOVERING)) {
            walk(why);
            survey();
        }
    }

    private void stop(Verb verb, String why) {
        boolean back = verb == Verb.ROLLBACK;
        Intent intent = back ? Intent.ROLLBACK : Intent.ABORT;
        boolean again = state.phase() == Phase.NEEDS_ATTENTION;
        if (state.intent().isAtLeast(intent) && !again) {
            return;
        }
        Phase end = back ? Phase.ROLLED_BACK : Phase.ABORTED;
        Intent raised = state.intent().isAtLeast(intent) ? state.intent() : intent;
        set(status -> status.asking(raised).concluding(end));
        if (state.plan() == null) {
            set(status -> status.to(end, Stage.OVER, why + "; nothing was touched", now));
            return;
        }
        boolean observing = isAt(Stage.RECOVERING);
        boolean narrowed = isAt(Stage.CONCLUDING);
        set(status -> status.to(
                back ? Phase.ROLLING_BACK : Phase.ABORTING, observing ? Stage.RECOVERING : Stage.WALKING, why, now));
        if (observing) {
            return;
        }
        if (back && again) {
            queueRestores(step -> isLeftOut(step));
        }
        redirectAll();
        if (back && narrowed) {
            admit();
        } else {
            proceed(false);
        }
    }

    /** Whether it could not be put back before, so that being asked again means to try once more. */
    private static boolean isLeftOut(InstanceStep step) {
        return switch (step.reached()) {
            case QUARANTINED, LOST -> true;
            case SKIPPED -> step.failure() != null;
            default -> false;
        };
    }

    private void queueRestores(Predicate<InstanceStep> which) {
        for (InstanceStep step : state.steps()) {
            PreImage image = step.preImage();
            boolean hasWayBack =
                    image != null && !image.hash().equals(state.requirePlan().targetHash());
            if (which.test(step) && step.touched() && hasWayBack) {
                replace(step.queue(Goal.RESTORE, "to be put back"));
            }
        }
    }

    /** Takes a step over, and applies the failure policy when it has just failed. */
    private void moved(InstanceStep before, InstanceStep after) {
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
    private void redirectAll() {
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

    private void restForFloor(String why) {
        Duration waited = Duration.between(state.status().since(), now).dividedBy(2);
        Duration rest = state.phase() == Phase.PAUSED ? waited : SHORTEST_REST;
        rest(PauseReason.FLOOR, why, rest);
    }

    private void rest(PauseReason reason, String why, Duration wish) {
        Duration rest = wish.compareTo(SHORTEST_REST) < 0
                ? SHORTEST_REST
                : wish.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : wish;
        Instant until = now.plus(rest);
        set(status -> (isWalkingOn() ? status.paused(reason, why, now) : status.at(Stage.RESTING, why)).waking(until));
        actions.add(new Action.Rest(until));
    }

    /** Into the phase in which instances are worked on. */
    private void walk(String why) {
        boolean stopping = state.phase() == Phase.ROLLING_BACK || state.phase() == Phase.ABORTING;
        set(status -> status.to(stopping ? status.phase() : Phase.RUNNING, Stage.WALKING, why, now));
    }

    private Optional<InstanceStep> working(String backend, int attempt) {
        return state.step(backend).filter(step -> step.isInFlight() && step.attempt() == attempt);
    }

    /** Puts a step in its place, and has it performed when it is a new piece of work. */
    private void replace(InstanceStep next) {
        @Nullable InstanceStep before = state.step(next.backend()).orElse(null);
        state = state.with(next);
        if (next.isInFlight() && (before == null || before.attempt() != next.attempt())) {
            actions.removeIf(action -> action instanceof Action.Perform work
                    && work.step().backend().equals(next.backend()));
            actions.add(new Action.Perform(next));
        }
    }

    private String summary() {
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

    private StepMachine steps() {
        return new StepMachine(state.spec(), state.requirePlan(), now);
    }

    private boolean isAt(Stage stage) {
        return state.status().stage() == stage;
    }

    private void set(UnaryOperator<RolloutStatus> change) {
        state = state.with(change.apply(state.status()));
    }
}
