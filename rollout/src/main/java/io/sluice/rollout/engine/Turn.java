package io.sluice.rollout.engine;

import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.plan.FleetPlan;
import io.sluice.rollout.plan.Goal;
import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Intent;
import io.sluice.rollout.plan.PauseReason;
import io.sluice.rollout.plan.Phase;
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
import java.util.Set;
import java.util.function.Predicate;

/** What an event means: the phases of a rollout, and what each waits for. Used once, by one thread. */
final class Turn implements Event.Listener {
    /** How soon to look again when the floor, or the proxy, stands in the way; it doubles up to {@link #LONGEST_REST}. */
    private static final Duration SHORTEST_REST = Duration.ofMillis(100);

    private static final Duration LONGEST_REST = Duration.ofSeconds(2);

    private final Instant now;
    private final Duration maxAway;
    private final Draft draft;

    Turn(Rollout state, Instant now, Duration maxAway) {
        this.draft = new Draft(state, now);
        this.now = now;
        this.maxAway = maxAway;
    }

    Decision decision() {
        return draft.decision();
    }

    @Override
    public void begun(Event.Begun event) {
        if (state().phase() == Phase.PENDING) {
            examine();
        }
    }

    @Override
    public void examined(Event.Examined event) {
        if (!draft.isAt(Stage.EXAMINING)) {
            return;
        }
        Preflight preflight = new Preflight(state().spec(), event.view(), event.instances());
        List<RolloutProblem> problems = preflight.problems();
        if (!problems.isEmpty()) {
            reject(problems);
            return;
        }
        draft.change(known -> known.with(preflight.plan()).withSteps(preflight.steps()));
        admit();
    }

    @Override
    public void admitted(Event.Admitted event) {
        if (!draft.isAt(Stage.ADMITTING)) {
            return;
        }
        if (state().phase() == Phase.ROLLING_BACK) {
            draft.set(status -> status.at(Stage.WALKING, status.detail()));
        } else {
            draft.set(status -> status.to(Phase.RUNNING, Stage.WALKING, "started", now));
        }
        proceed(false);
    }

    @Override
    public void surveyed(Event.Surveyed event) {
        if (!draft.isAt(Stage.SURVEYING)) {
            return;
        }
        PoolView view = event.view();
        draft.change(known -> known.withSteps(new Survey(known, view).reconciled()));
        Survey survey = new Survey(state(), view);
        if (survey.pending().isEmpty()) {
            conclude(survey::isMember);
            return;
        }
        List<InstanceStep> batch = survey.batch();
        if (batch.isEmpty()) {
            restForFloor(Floor.shortage(view, state().requirePlan().floor()));
            return;
        }
        walk("working");
        batch.forEach(step -> draft.replace(draft.steps().start(step, survey.isInPlace(step))));
    }

    @Override
    public void concluded(Event.Concluded event) {
        Phase end = state().status().conclusion();
        if (draft.isAt(Stage.CONCLUDING) && end != null) {
            String why = end == Phase.REJECTED ? draft.refusal() : draft.summary();
            draft.set(status -> status.to(end, Stage.OVER, why, now));
        }
    }

    @Override
    public void taskFailed(Event.TaskFailed event) {
        if (!draft.isAt(event.stage())) {
            return;
        }
        String why = event.failure().detail();
        switch (event.stage()) {
            case EXAMINING -> reject(List.of(RolloutProblem.of(null, "proxy", why)));
            case ADMITTING -> notAdmitted(event.failure());
            case SURVEYING, CONCLUDING -> rest(PauseReason.PROXY, why, LONGEST_REST);
            case RECOVERING -> draft.add(new Action.Observe());
            case WAITING, WALKING, RESTING, OVER -> throw new IllegalStateException("no task in " + event.stage());
        }
    }

    @Override
    public void achieved(Event.Achieved event) {
        draft.working(event.backend(), event.attempt()).ifPresent(step -> {
            draft.moved(step, draft.steps().achieved(step, event.proof()));
            proceed(true);
        });
    }

    @Override
    public void failed(Event.Failed event) {
        draft.working(event.backend(), event.attempt()).ifPresent(step -> {
            draft.moved(step, draft.steps().failed(step, event.failure()));
            boolean blocked = event.failure().kind() == Failure.Kind.FLOOR && !state().isInFlight();
            if (blocked && draft.isWalkingOn()) {
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
        Instant wakeAt = state().status().wakeAt();
        if (!draft.isAt(Stage.RESTING) || wakeAt == null || now.isBefore(wakeAt)) {
            return;
        }
        if (state().phase() == Phase.BAKING) {
            draft.set(status -> status.to(Phase.RUNNING, Stage.WALKING, "baked", now));
        }
        if (state().phase() == Phase.ROLLING_BACK) {
            admit();
        } else {
            survey();
        }
    }

    @Override
    public void restarted(Event.Restarted event) {
        switch (state().status().stage()) {
            case WAITING -> begun(new Event.Begun());
            case EXAMINING -> examine();
            case ADMITTING -> admit();
            case CONCLUDING -> conclude(step -> true);
            case WALKING, SURVEYING, RESTING, RECOVERING -> {
                boolean sleeps = state().phase() == Phase.PAUSED
                        && state().status().wakeAt() == null
                        && draft.isAt(Stage.RESTING);
                if (!sleeps) {
                    draft.set(status -> status.at(Stage.RECOVERING, "observing the fleet after a restart"));
                    draft.add(new Action.Observe());
                }
            }
            case OVER -> throw new IllegalStateException(state().id() + " is over");
        }
    }

    @Override
    public void observed(Event.Observed event) {
        if (!draft.isAt(Stage.RECOVERING)) {
            return;
        }
        boolean resting = state().phase() == Phase.PAUSED || state().phase() == Phase.BAKING;
        boolean owed = state().status().pauseReason() == PauseReason.RECOVERY;
        draft.set(status -> status.to(resting ? Phase.RUNNING : state().phase(), Stage.WALKING, "recovered", now));
        boolean drifted = classify(event);
        boolean away = event.away().compareTo(maxAway) > 0;
        if (draft.isWalkingOn()) {
            boolean failed = state().steps().stream().anyMatch(step -> step.failure() != null);
            RecoveryPolicy policy = state().spec().onRecovery();
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
                draft.set(status -> status.pausing(PauseReason.RECOVERY, why));
            }
        }
        draft.redirectAll();
        proceed(false);
    }

    private boolean classify(Event.Observed event) {
        Classification classification = new Classification(state().requirePlan(), draft.steps());
        List<String> findings = new ArrayList<>();
        boolean drifted = false;
        for (Observation seen : event.instances()) {
            InstanceStep step = state().step(seen.backend()).orElseThrow();
            Classification.Verdict verdict = classification.of(step, seen);
            findings.add(seen.backend() + " " + verdict.finding());
            drifted |= verdict.drifted();
            draft.moved(step, verdict.step());
        }
        draft.change(known -> known.withRecovery(findings));
        return drifted;
    }

    private void examine() {
        draft.set(status -> status.to(Phase.VALIDATING, Stage.EXAMINING, "asking every instance", now));
        draft.add(new Action.Examine());
    }

    private void reject(List<RolloutProblem> problems) {
        draft.change(known -> known.withProblems(problems));
        draft.set(status -> status.to(Phase.REJECTED, Stage.OVER, draft.refusal(), now));
    }

    /** When the answer may just have been lost, the pool may admit the new configuration by now, which has to be taken back. */
    private void notAdmitted(Failure failure) {
        if (state().phase() == Phase.ROLLING_BACK) {
            rest(PauseReason.PROXY, failure.detail(), LONGEST_REST);
            return;
        }
        List<RolloutProblem> problems = List.of(RolloutProblem.of(null, "proxy", failure.detail()));
        if (failure.isSilence()) {
            draft.change(known -> known.withProblems(problems));
            draft.set(status -> status.concluding(Phase.REJECTED));
            conclude(step -> true);
        } else {
            reject(problems);
        }
    }

    private void admit() {
        FleetPlan plan = state().requirePlan();
        Set<String> hashes = new LinkedHashSet<>(plan.baseHashes());
        hashes.add(plan.targetHash());
        draft.set(status -> status.at(Stage.ADMITTING, "the pool is to admit the old and the new configuration"));
        draft.add(new Action.Admit(List.copyOf(hashes)));
    }

    private void survey() {
        draft.set(status -> status.at(Stage.SURVEYING, status.detail()));
        draft.add(new Action.Survey());
    }

    private void conclude(Predicate<InstanceStep> isMember) {
        Outcome outcome = new Outcome(state());
        if (state().phase() == Phase.ROLLING_BACK && !outcome.isRolledBack()) {
            draft.set(status -> status.to(Phase.NEEDS_ATTENTION, Stage.WAITING, draft.summary(), now));
            return;
        }
        Phase decided = state().status().conclusion();
        Phase end = decided == null ? Outcome.ofWalk(state(), isMember) : decided;
        if (state().phase() == Phase.PAUSED) {
            walk("finishing");
        }
        draft.set(status -> status.concluding(end).at(Stage.CONCLUDING, "the pool is to admit what the fleet runs"));
        draft.add(new Action.Conclude(outcome.accepted(end), outcome.keptHeld()));
    }

    /** Chooses what comes next when nobody is in flight. */
    private void proceed(boolean afterBatch) {
        if (state().isInFlight() || draft.isAt(Stage.RECOVERING)) {
            return;
        }
        RolloutStatus status = state().status();
        switch (state().phase()) {
            case RUNNING -> {
                PauseReason pending = status.pauseReason();
                if (!draft.isWalkingOn()) {
                    survey();
                } else if (pending != null) {
                    draft.set(s -> s.paused(pending, s.detail(), now));
                } else if (status.intent() == Intent.PAUSE) {
                    draft.set(s -> s.paused(PauseReason.USER, s.detail(), now));
                } else if (afterBatch && bakes()) {
                    Instant until = now.plus(state().spec().strategy().bake());
                    draft.set(s ->
                            s.to(Phase.BAKING, Stage.RESTING, "baking", now).waking(until));
                    draft.add(new Action.Rest(until));
                } else {
                    survey();
                }
            }
            case ROLLING_BACK -> {
                draft.queueRestores(
                        step -> step.reached() == Step.DONE || (step.isQueued() && step.goal() == Goal.UPDATE));
                survey();
            }
            case ABORTING, VALIDATING -> survey();
            default -> {}
        }
    }

    private boolean bakes() {
        return !state().spec().strategy().bake().isZero()
                && state().steps().stream().anyMatch(InstanceStep::isQueued);
    }

    private void pause(String why) {
        boolean late = draft.isAt(Stage.CONCLUDING) || !draft.isWalkingOn();
        if (late || state().intent() != Intent.FORWARD || state().phase() == Phase.NEEDS_ATTENTION) {
            return;
        }
        draft.set(status -> status.asking(Intent.PAUSE));
        boolean idle = draft.isAt(Stage.SURVEYING) || draft.isAt(Stage.RESTING);
        if (idle) {
            draft.set(status -> status.paused(PauseReason.USER, why, now));
        }
    }

    private void resume(String why) {
        if (state().intent() == Intent.PAUSE) {
            draft.set(status -> status.asking(Intent.FORWARD));
        }
        if (state().phase() == Phase.PAUSED && !draft.isAt(Stage.RECOVERING)) {
            walk(why);
            survey();
        }
    }

    private void stop(Verb verb, String why) {
        boolean back = verb == Verb.ROLLBACK;
        Intent intent = back ? Intent.ROLLBACK : Intent.ABORT;
        boolean again = state().phase() == Phase.NEEDS_ATTENTION;
        if (state().intent().isAtLeast(intent) && !again) {
            return;
        }
        Phase end = back ? Phase.ROLLED_BACK : Phase.ABORTED;
        Intent raised = state().intent().isAtLeast(intent) ? state().intent() : intent;
        draft.set(status -> status.asking(raised).concluding(end));
        if (state().plan() == null) {
            draft.set(status -> status.to(end, Stage.OVER, why + "; nothing was touched", now));
            return;
        }
        boolean observing = draft.isAt(Stage.RECOVERING);
        boolean narrowed = draft.isAt(Stage.CONCLUDING);
        draft.set(status -> status.to(
                back ? Phase.ROLLING_BACK : Phase.ABORTING, observing ? Stage.RECOVERING : Stage.WALKING, why, now));
        if (observing) {
            return;
        }
        if (back && again) {
            draft.queueRestores(step -> isLeftOut(step));
        }
        draft.redirectAll();
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

    private void restForFloor(String why) {
        Duration waited = Duration.between(state().status().since(), now).dividedBy(2);
        Duration rest = state().phase() == Phase.PAUSED ? waited : SHORTEST_REST;
        rest(PauseReason.FLOOR, why, rest);
    }

    private void rest(PauseReason reason, String why, Duration wish) {
        Duration rest = wish.compareTo(SHORTEST_REST) < 0
                ? SHORTEST_REST
                : wish.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : wish;
        Instant until = now.plus(rest);
        draft.set(status ->
                (draft.isWalkingOn() ? status.paused(reason, why, now) : status.at(Stage.RESTING, why)).waking(until));
        draft.add(new Action.Rest(until));
    }

    /** Into the phase in which instances are worked on. */
    private void walk(String why) {
        boolean stopping = state().phase() == Phase.ROLLING_BACK || state().phase() == Phase.ABORTING;
        draft.set(status -> status.to(stopping ? status.phase() : Phase.RUNNING, Stage.WALKING, why, now));
    }

    private Rollout state() {
        return draft.state();
    }
}
