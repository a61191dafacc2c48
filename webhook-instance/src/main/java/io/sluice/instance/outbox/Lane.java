package io.sluice.instance.outbox;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * What waits for one step of one webhook, the earliest due first. While its target fails, only one attempt at a time is made, so that a dead
 * server costs a trickle and the first success opens the lane again.
 */
final class Lane {
    /** So many failures in a row before the lane narrows. */
    private static final int FAILURES_BEFORE_NARROW = 5;

    private final PriorityQueue<Slot> slots =
            new PriorityQueue<>(Comparator.comparingLong(Slot::dueMillis).thenComparingLong(slot -> slot.entry().id));
    private int running;
    private int failuresInARow;

    /** {@code dueMillis} is a copy: a slot whose step has moved on since is stale and skipped. */
    record Slot(long dueMillis, Entry entry, int step) {
        boolean isStale() {
            Step now = entry.steps.get(step);
            return now.phase != Step.Phase.WAITING || now.atMillis != dueMillis;
        }
    }

    record Key(String webhookId, String stepId) {}

    void add(Entry entry, int step) {
        slots.add(new Slot(entry.steps.get(step).atMillis, entry, step));
    }

    /** Takes the next slot that is due, when the lane has room. */
    @Nullable
    Slot take(long nowMillis, int limit) {
        Slot head = head(limit);
        if (head == null || head.dueMillis() > nowMillis) {
            return null;
        }
        slots.remove();
        running++;
        return head;
    }

    /** When the next slot is due; {@link Long#MAX_VALUE} when there is none or no room for it. */
    long nextDue(int limit) {
        Slot head = head(limit);
        return head == null ? Long.MAX_VALUE : head.dueMillis();
    }

    private @Nullable Slot head(int limit) {
        while (!slots.isEmpty() && slots.element().isStale()) {
            slots.remove();
        }
        int room = failuresInARow >= FAILURES_BEFORE_NARROW ? 1 : limit;
        return running < room ? slots.peek() : null;
    }

    void finished(Ended how) {
        running--;
        failuresInARow = switch (how) {
            case WELL -> 0;
            case FAILED -> failuresInARow + 1;
            case UNTRIED -> failuresInARow;
        };
    }

    boolean isIdle() {
        return slots.isEmpty() && running == 0;
    }

    /** How a running attempt ended, as far as the target's health goes. */
    enum Ended {
        WELL,
        FAILED,
        UNTRIED
    }
}
