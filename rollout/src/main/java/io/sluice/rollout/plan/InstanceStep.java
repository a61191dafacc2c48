package io.sluice.rollout.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One instance's way through a rollout.
 *
 * @param reached the last step that is proven
 * @param doing the step worked towards, absent while queued and after an exit; stored before the work begins
 * @param attempt rises with each piece of work, so that a late answer to an earlier one is told apart
 * @param deadline when the work towards {@code doing} fails by itself
 * @param inPlace updated without a hold, because the pool cannot spare it
 * @param exitAs what a release ends in
 * @param touched whether a configuration change was begun, so that its configuration is known only from itself
 * @param tries how often a change was sent in this walk
 * @param returns how often it came back with another configuration after it was done
 * @param failure what went wrong, in a sentence
 * @param evidence one per walk, the current one last
 */
public record InstanceStep(
        String backend,
        @Nullable String adminUrl,
        Goal goal,
        Step reached,
        @Nullable Step doing,
        int attempt,
        @Nullable Instant deadline,
        boolean inPlace,
        @Nullable Step exitAs,
        boolean touched,
        int tries,
        int returns,
        @Nullable PreImage preImage,
        @Nullable String note,
        @Nullable String failure,
        List<Evidence> evidence) {
    public InstanceStep {
        evidence = List.copyOf(evidence);
    }

    public static InstanceStep queued(String backend, @Nullable String adminUrl) {
        return new InstanceStep(
                backend,
                adminUrl,
                Goal.UPDATE,
                Step.QUEUED,
                null,
                0,
                null,
                false,
                null,
                false,
                0,
                0,
                null,
                null,
                null,
                List.of());
    }

    @JsonIgnore
    public boolean isInFlight() {
        return doing != null;
    }

    @JsonIgnore
    public boolean isQueued() {
        return reached == Step.QUEUED && doing == null;
    }

    /** The proofs of the current walk. */
    @JsonIgnore
    public Optional<Evidence> latest() {
        return evidence.isEmpty() ? Optional.empty() : Optional.of(evidence.get(evidence.size() - 1));
    }

    public InstanceStep withAdminUrl(@Nullable String url) {
        return new InstanceStep(
                backend, url, goal, reached, doing, attempt, deadline, inPlace, exitAs, touched, tries, returns,
                preImage, note, failure, evidence);
    }

    /** Starts working towards {@code next} until {@code until}; anything still answering to an earlier attempt is void. */
    public InstanceStep toward(Step next, Instant until) {
        boolean applies = next == Step.APPLYING;
        return new InstanceStep(
                backend,
                adminUrl,
                goal,
                reached,
                next,
                attempt + 1,
                until,
                inPlace,
                exitAs,
                touched || applies,
                applies ? tries + 1 : tries,
                returns,
                preImage,
                note,
                failure,
                evidence);
    }

    /** Has proven {@code step}. */
    public InstanceStep reached(Step step, Proof proof) {
        List<Evidence> proven = new ArrayList<>(evidence);
        int last = proven.size() - 1;
        proven.set(last, proven.get(last).with(proof));
        return new InstanceStep(
                backend, adminUrl, goal, step, doing, attempt, deadline, inPlace, exitAs, touched, tries, returns,
                preImage, note, failure, proven);
    }

    public InstanceStep withPreImage(PreImage image) {
        return new InstanceStep(
                backend, adminUrl, goal, reached, doing, attempt, deadline, inPlace, exitAs, touched, tries, returns,
                image, note, failure, evidence);
    }

    public InstanceStep noted(String why) {
        return new InstanceStep(
                backend, adminUrl, goal, reached, doing, attempt, deadline, inPlace, exitAs, touched, tries, returns,
                preImage, why, failure, evidence);
    }

    /** Begins a walk with its own evidence. */
    public InstanceStep walk(Goal newGoal, boolean withoutHold, Instant now) {
        List<Evidence> proven = new ArrayList<>(evidence);
        proven.add(Evidence.none(newGoal, now));
        return new InstanceStep(
                backend,
                adminUrl,
                newGoal,
                reached,
                doing,
                attempt,
                deadline,
                withoutHold,
                null,
                touched,
                0,
                returns,
                preImage,
                note,
                failure,
                proven);
    }

    /** Back to waiting for a batch, with {@code newGoal}. */
    public InstanceStep queue(Goal newGoal, String why) {
        return new InstanceStep(
                backend,
                adminUrl,
                newGoal,
                Step.QUEUED,
                null,
                attempt + 1,
                null,
                inPlace,
                null,
                touched,
                0,
                returns,
                preImage,
                why,
                failure,
                evidence);
    }

    /** Back to waiting because it runs something else than what it was brought to. */
    public InstanceStep returned(String why) {
        InstanceStep queued = queue(Goal.UPDATE, why);
        return new InstanceStep(
                backend,
                adminUrl,
                queued.goal,
                queued.reached,
                null,
                queued.attempt,
                null,
                inPlace,
                null,
                touched,
                0,
                returns + 1,
                preImage,
                why,
                failure,
                evidence);
    }

    /** Takes the walk to {@code exit}. */
    public InstanceStep exit(Step exit, @Nullable String why) {
        return new InstanceStep(
                backend,
                adminUrl,
                goal,
                exit,
                null,
                attempt + 1,
                null,
                inPlace,
                null,
                touched,
                tries,
                returns,
                preImage,
                why == null ? note : why,
                failure,
                evidence);
    }

    /** Turns the walk into a release that ends in {@code exit}. */
    public InstanceStep releasing(Step exit, String why) {
        return new InstanceStep(
                backend,
                adminUrl,
                Goal.RELEASE,
                reached,
                doing,
                attempt,
                deadline,
                inPlace,
                exit,
                touched,
                tries,
                returns,
                preImage,
                why,
                failure,
                evidence);
    }

    /** Remembers the first thing that went wrong. */
    public InstanceStep failed(String why) {
        return new InstanceStep(
                backend,
                adminUrl,
                goal,
                reached,
                doing,
                attempt,
                deadline,
                inPlace,
                exitAs,
                touched,
                tries,
                returns,
                preImage,
                note,
                failure == null ? why : failure,
                evidence);
    }
}
