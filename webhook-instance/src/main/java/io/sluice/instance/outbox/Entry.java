package io.sluice.instance.outbox;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What memory holds of a live event: everything but headers and body, which are read from the log. Guarded by the outbox's lock. */
final class Entry {
    /** Sequence of the record with which it was accepted. */
    final long id;

    final String eventId;
    final String webhookId;
    final long arrivalMillis;
    final List<Step> steps;
    /** Sequence of the record that now carries it; changes when it is copied forward. */
    long location;

    int bytes;

    @Nullable
    CompletableFuture<Settlement> settled;

    Entry(long id, OutboxEvent event, int bytes) {
        this.id = id;
        this.location = id;
        this.bytes = bytes;
        this.eventId = event.eventId();
        this.webhookId = event.webhookId();
        this.arrivalMillis = event.arrival().toEpochMilli();
        this.steps = event.steps().stream()
                .map(plan -> new Step(plan, arrivalMillis))
                .toList();
    }

    boolean hasUnsettled() {
        return steps.stream().anyMatch(step -> !step.isSettled());
    }

    boolean hasDead() {
        return steps.stream().anyMatch(step -> step.phase == Step.Phase.DEAD);
    }

    boolean hasStep(int index) {
        return index >= 0 && index < steps.size();
    }

    /** The outcome for somebody who waits for the required steps; null while one of them may still be delivered. */
    @Nullable
    Settlement settlement() {
        Settlement result = Settlement.DELIVERED;
        for (Step step : steps) {
            if (step.plan.required()) {
                if (!step.isSettled()) {
                    return null;
                }
                result = step.phase == Step.Phase.DELIVERED ? result : Settlement.DEAD;
            }
        }
        return result;
    }

    Attempt attempt(int index) {
        Step step = steps.get(index);
        return new Attempt(
                id,
                index,
                step.plan.id(),
                webhookId,
                eventId,
                step.attempts,
                Instant.ofEpochMilli(arrivalMillis),
                Instant.ofEpochMilli(step.sinceMillis));
    }

    DeadLetter deadLetter(int index) {
        Step step = steps.get(index);
        return new DeadLetter(
                new DeadLetterId(id, index),
                eventId,
                webhookId,
                step.plan.id(),
                step.attempts,
                Instant.ofEpochMilli(arrivalMillis),
                Instant.ofEpochMilli(step.atMillis),
                step.reason);
    }
}
