package io.sluice.instance.configuration;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One address under {@code /webhook/} and what is done with what arrives there. Not enabled: as if it did not exist (404); retired: 410.
 * {@code bodyLimitBytes} is the longest body accepted; {@code acceptedStatus} what a sender gets once the event is durable (200 or 202).
 * There is at least one step, with ids unique inside the webhook.
 */
public record Webhook(
        String id,
        boolean enabled,
        boolean retired,
        Set<String> methods,
        DataType dataType,
        Verification verification,
        AckPolicy ack,
        @Nullable DedupPolicy dedup,
        long bodyLimitBytes,
        int acceptedStatus,
        List<Step> steps) {
    public Webhook {
        methods = Set.copyOf(methods);
        steps = List.copyOf(steps);
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("steps: none (expected: at least one)");
        }
    }

    /** How copies are known; empty: by the delivery headers of well-known senders. */
    public Optional<DedupPolicy> dedupPolicy() {
        return Optional.ofNullable(dedup);
    }

    public Optional<Step> step(String stepId) {
        return steps.stream().filter(step -> step.id().equals(stepId)).findFirst();
    }
}
