package io.sluice.rollout.driver;

import io.sluice.rollout.plan.InstanceStep;
import io.sluice.rollout.plan.Rollout;
import io.sluice.rollout.plan.RolloutEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners of stored changes. One that throws does not keep the others from hearing. */
final class Announcements {
    private static final Logger LOG = LoggerFactory.getLogger(Announcements.class);

    private final List<Consumer<RolloutEvent>> listeners = new CopyOnWriteArrayList<>();

    Runnable subscribe(Consumer<RolloutEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    void announce(long sequence, @Nullable Rollout before, Rollout after) {
        List<InstanceStep> known = before == null ? List.of() : before.steps();
        List<String> changed = after.steps().stream()
                .filter(step -> !known.contains(step))
                .map(InstanceStep::backend)
                .toList();
        if (before == null || before.phase() != after.phase()) {
            LOG.info(
                    "rollout {} of pool {}: {}, {}",
                    after.id(),
                    after.spec().pool(),
                    after.phase(),
                    after.status().detail());
        }
        RolloutEvent event = new RolloutEvent(sequence, after, changed);
        for (Consumer<RolloutEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.error("A listener failed on rollout {}", after.id(), e);
            }
        }
    }
}
