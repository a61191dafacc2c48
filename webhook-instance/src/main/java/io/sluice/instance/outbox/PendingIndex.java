package io.sluice.instance.outbox;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The live events in memory: those with a step to deliver and those with a dead one. An event that has neither is forgotten. Not thread-safe:
 * guarded by the outbox's lock.
 */
final class PendingIndex {
    private final Map<Long, Entry> live = new HashMap<>();
    private final TreeMap<Long, Entry> byLocation = new TreeMap<>();
    private final TreeMap<Long, Entry> unsettled = new TreeMap<>();
    private final TreeMap<Long, Entry> dead = new TreeMap<>();
    private final Map<String, Integer> unsettledByWebhook = new HashMap<>();
    private final Map<String, Integer> deadByWebhook = new HashMap<>();
    private final Map<Lane.Key, Lane> lanes = new LinkedHashMap<>();
    private long liveBytes;
    private int deadSteps;
    /** Where the next round over the lanes starts, so that the first one has no advantage. */
    private int turn;

    /** Adds an event whose steps have their state already; waiting ones become available. */
    void add(Entry entry) {
        for (int i = 0; i < entry.steps.size(); i++) {
            if (entry.steps.get(i).phase == Step.Phase.WAITING) {
                lane(entry, i).add(entry, i);
            }
        }
        live.put(entry.id, entry);
        byLocation.put(entry.location, entry);
        liveBytes += entry.bytes;
        if (entry.hasUnsettled()) {
            addUnsettled(entry);
        }
        if (entry.hasDead()) {
            addDead(entry, countDead(entry));
        }
        forgetWhenOver(entry);
    }

    @Nullable
    Entry find(long id) {
        return live.get(id);
    }

    void relocate(Entry entry, long location, int bytes) {
        byLocation.remove(entry.location);
        entry.location = location;
        liveBytes += bytes - entry.bytes;
        entry.bytes = bytes;
        byLocation.put(location, entry);
    }

    /** Hands out steps that are due, taking turns between lanes; each becomes running. */
    List<Attempt> takeDue(long nowMillis, int most, int perLane) {
        List<Attempt> taken = new ArrayList<>();
        List<Lane> order = new ArrayList<>(lanes.values());
        boolean more = !order.isEmpty();
        while (more && taken.size() < most) {
            more = false;
            for (int i = 0; i < order.size() && taken.size() < most; i++) {
                Lane.Slot slot = order.get((turn + i) % order.size()).take(nowMillis, perLane);
                if (slot != null) {
                    taken.add(start(slot));
                    more = true;
                }
            }
            turn = (turn + 1) & Integer.MAX_VALUE;
        }
        return taken;
    }

    private static Attempt start(Lane.Slot slot) {
        Step step = slot.entry().steps.get(slot.step());
        step.phase = Step.Phase.RUNNING;
        step.attempts++;
        return slot.entry().attempt(slot.step());
    }

    /** When {@link #takeDue} will have something, if nothing else happens; {@link Long#MAX_VALUE}: never. */
    long nextDue(int perLane) {
        long next = Long.MAX_VALUE;
        for (Lane lane : lanes.values()) {
            next = Math.min(next, lane.nextDue(perLane));
        }
        return next;
    }

    /** Ends a running attempt, whose step has its new state already. */
    void ended(Entry entry, int index, Lane.Ended how) {
        Step step = entry.steps.get(index);
        lane(entry, index).finished(how);
        if (step.phase == Step.Phase.WAITING) {
            lane(entry, index).add(entry, index);
        } else if (step.phase == Step.Phase.DEAD) {
            addDead(entry, 1);
        }
        settle(entry, index);
    }

    /** A dead step became waiting again or was dropped, and has that state already. */
    void leftDead(Entry entry, int index) {
        deadSteps--;
        subtract(deadByWebhook, entry.webhookId);
        if (!entry.hasDead()) {
            dead.remove(entry.id);
        }
        if (entry.steps.get(index).phase == Step.Phase.WAITING) {
            lane(entry, index).add(entry, index);
            addUnsettled(entry);
        }
        settle(entry, index);
    }

    private void settle(Entry entry, int index) {
        dropIdleLane(entry, index);
        if (!entry.hasUnsettled() && unsettled.remove(entry.id) != null) {
            subtract(unsettledByWebhook, entry.webhookId);
        }
        forgetWhenOver(entry);
    }

    private void addUnsettled(Entry entry) {
        if (unsettled.put(entry.id, entry) == null) {
            unsettledByWebhook.merge(entry.webhookId, 1, Integer::sum);
        }
    }

    private void addDead(Entry entry, int steps) {
        deadSteps += steps;
        dead.put(entry.id, entry);
        deadByWebhook.merge(entry.webhookId, steps, Integer::sum);
    }

    private static void subtract(Map<String, Integer> counts, String webhookId) {
        counts.computeIfPresent(webhookId, (id, count) -> count == 1 ? null : count - 1);
    }

    private void forgetWhenOver(Entry entry) {
        if (!entry.hasUnsettled() && !entry.hasDead()) {
            live.remove(entry.id);
            byLocation.remove(entry.location);
            liveBytes -= entry.bytes;
        }
    }

    private static int countDead(Entry entry) {
        return (int) entry.steps.stream()
                .filter(step -> step.phase == Step.Phase.DEAD)
                .count();
    }

    private Lane lane(Entry entry, int index) {
        return lanes.computeIfAbsent(key(entry, index), key -> new Lane());
    }

    private void dropIdleLane(Entry entry, int index) {
        // webhooks come and go with configurations: what is empty is not kept
        lanes.computeIfPresent(key(entry, index), (key, lane) -> lane.isIdle() ? null : lane);
    }

    private static Lane.Key key(Entry entry, int index) {
        return new Lane.Key(entry.webhookId, entry.steps.get(index).plan.id());
    }

    /** Dead letters with an id above {@code after}, in order. */
    List<DeadLetter> deadAfter(DeadLetterId after, int most, @Nullable String webhookId, @Nullable String stepId) {
        List<DeadLetter> found = new ArrayList<>();
        Iterator<Entry> entries = dead.tailMap(after.entry(), true).values().iterator();
        while (entries.hasNext() && found.size() < most) {
            Entry entry = entries.next();
            for (int i = 0; i < entry.steps.size() && found.size() < most; i++) {
                if (entry.steps.get(i).phase == Step.Phase.DEAD
                        && new DeadLetterId(entry.id, i).compareTo(after) > 0
                        && (webhookId == null || webhookId.equals(entry.webhookId))
                        && (stepId == null
                                || stepId.equals(entry.steps.get(i).plan.id()))) {
                    found.add(entry.deadLetter(i));
                }
            }
        }
        return found;
    }

    /** Live events whose record is before {@code location}, the oldest first. */
    List<Entry> before(long location) {
        return List.copyOf(byLocation.headMap(location, false).values());
    }

    /** Where the oldest live record is; {@link Long#MAX_VALUE} when there is none. */
    long firstLocation() {
        return byLocation.isEmpty() ? Long.MAX_VALUE : byLocation.firstKey();
    }

    int pending() {
        return unsettled.size();
    }

    int deadLetters() {
        return deadSteps;
    }

    long liveBytes() {
        return liveBytes;
    }

    Map<String, Integer> deadByWebhook() {
        return Map.copyOf(deadByWebhook);
    }

    Map<String, Integer> pendingByWebhook() {
        return Map.copyOf(unsettledByWebhook);
    }

    @Nullable
    Instant oldestArrival() {
        return unsettled.isEmpty()
                ? null
                : Instant.ofEpochMilli(unsettled.firstEntry().getValue().arrivalMillis);
    }
}
