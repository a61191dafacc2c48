package io.sluice.instance.outbox;

import java.util.List;

/** What is written to the log. {@code entry} is the sequence of the {@link Accepted} record that everything about an event refers to. */
sealed interface OutboxRecord {
    record Accepted(OutboxEvent event) implements OutboxRecord {}

    /** The event again, further on in the log, with how far its steps were at that point; replaces all that was said before. */
    record Moved(long entry, List<StepState> steps, OutboxEvent event) implements OutboxRecord {}

    record StepState(Step.Phase phase, int attempts, long sinceMillis, long atMillis, String reason) {
        static StepState of(Step step) {
            // a running attempt is one that a restart has to repeat
            Step.Phase phase = step.phase == Step.Phase.RUNNING ? Step.Phase.WAITING : step.phase;
            return new StepState(phase, step.attempts, step.sinceMillis, step.atMillis, step.reason);
        }

        void applyTo(Step step) {
            step.phase = phase;
            step.attempts = attempts;
            step.sinceMillis = sinceMillis;
            step.atMillis = atMillis;
            step.reason = reason;
        }
    }

    /** One step of an event got to this state. */
    record StepChanged(long entry, int step, StepState state) implements OutboxRecord {}

    /** Delivery ids whose events may be gone from the log. */
    record Marks(List<Mark> marks) implements OutboxRecord {}

    /** An event that a copy may come of, until it expires. */
    record Mark(String eventId, long entry, long expiresMillis, String bodySha256) {
        static Mark of(Entry entry, OutboxEvent event) {
            long expires = entry.arrivalMillis + event.rememberFor().toMillis();
            return new Mark(event.eventId(), entry.id, expires, event.bodySha256());
        }
    }
}
