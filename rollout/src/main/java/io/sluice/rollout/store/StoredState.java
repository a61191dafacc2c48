package io.sluice.rollout.store;

import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Rollout;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is kept, at one moment.
 *
 * @param epoch the last reign
 * @param created how many rollouts there have ever been; the next id follows from it
 * @param sequence of the last record
 * @param rollouts oldest first
 */
public record StoredState(long epoch, long created, long sequence, List<StoredRollout> rollouts, List<StoredKey> keys) {
    static final StoredState EMPTY = new StoredState(0, 0, 0, List.of(), List.of());

    public StoredState {
        rollouts = List.copyOf(rollouts);
        keys = List.copyOf(keys);
    }

    public Optional<StoredRollout> find(String id) {
        return rollouts.stream().filter(r -> r.rollout().id().equals(id)).findFirst();
    }

    public Optional<StoredKey> key(String key) {
        return keys.stream().filter(k -> k.key().equals(key)).findFirst();
    }

    StoredState with(long recordSequence, Entry entry) {
        List<StoredKey> allKeys = new ArrayList<>(keys);
        if (entry.key() != null) {
            allKeys.removeIf(key -> key.key().equals(entry.key().key()));
            allKeys.add(entry.key());
        }
        Rollout changed = entry.rollout();
        if (changed == null) {
            return new StoredState(entry.epoch(), created, recordSequence, rollouts, allKeys);
        }
        @Nullable
        Rollout before = find(changed.id()).map(StoredRollout::rollout).orElse(null);
        StoredRollout after = new StoredRollout(merged(before, changed), entry.at());
        List<StoredRollout> all = new ArrayList<>(rollouts);
        all.replaceAll(stored -> stored.rollout().id().equals(changed.id()) ? after : stored);
        if (before == null) {
            all.add(after);
        }
        return new StoredState(entry.epoch(), before == null ? created + 1 : created, recordSequence, all, allKeys);
    }

    /** Without finished rollouts but the newest {@code keep}, and without keys older than {@code keyAge}. */
    StoredState pruned(int keep, Instant now, Duration keyAge) {
        long finished = rollouts.stream().filter(r -> r.rollout().isOver()).count();
        List<StoredRollout> kept = new ArrayList<>();
        for (StoredRollout stored : rollouts) {
            if (!stored.rollout().isOver() || finished-- <= keep) {
                kept.add(stored);
            }
        }
        List<StoredKey> fresh =
                keys.stream().filter(key -> key.at().plus(keyAge).isAfter(now)).toList();
        return new StoredState(epoch, created, sequence, kept, fresh);
    }

    StoredState at(long newSequence) {
        return new StoredState(epoch, created, newSequence, rollouts, keys);
    }

    /** {@code next} with only those steps that {@code before} does not have. */
    static Rollout difference(@Nullable Rollout before, Rollout next) {
        if (before == null) {
            return next;
        }
        return next.withSteps(next.steps().stream()
                .filter(step -> !before.steps().contains(step))
                .toList());
    }

    private static Rollout merged(@Nullable Rollout before, Rollout difference) {
        if (before == null) {
            return difference;
        }
        Map<String, InstanceStep> steps = new LinkedHashMap<>();
        before.steps().forEach(step -> steps.put(step.backend(), step));
        difference.steps().forEach(step -> steps.put(step.backend(), step));
        return difference.withSteps(List.copyOf(steps.values()));
    }
}
