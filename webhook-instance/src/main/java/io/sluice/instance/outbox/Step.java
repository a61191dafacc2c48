package io.sluice.instance.outbox;

/** How far one step of a pending event is. Guarded by the outbox's lock, like the entry it belongs to. */
final class Step {
    final StepPlan plan;
    Phase phase = Phase.WAITING;
    /** Attempts that were started since {@link #sinceMillis}. */
    int attempts;
    /** When it was accepted or replayed. */
    long sinceMillis;
    /** Waiting: not before. Dead: since when. */
    long atMillis;

    String reason = "";

    Step(StepPlan plan, long sinceMillis) {
        this.plan = plan;
        this.sinceMillis = sinceMillis;
        this.atMillis = sinceMillis;
    }

    /** Ended for good, or until somebody replays it. */
    boolean isSettled() {
        return phase == Phase.DELIVERED || phase == Phase.DEAD || phase == Phase.DROPPED;
    }

    enum Phase {
        WAITING(0),
        RUNNING(1),
        DELIVERED(2),
        DEAD(3),
        /** Was dead, and deleted by an operator. */
        DROPPED(4);

        private final int code;

        Phase(int code) {
            this.code = code;
        }

        /** As written in the log: never changes. */
        int code() {
            return code;
        }
    }
}
