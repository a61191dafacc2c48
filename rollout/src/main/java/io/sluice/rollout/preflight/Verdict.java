package io.sluice.rollout.preflight;

import java.util.List;

/**
 * What the instances say of a configuration.
 *
 * @param asked instances that answered, with yes or no
 * @param unreachable instances that gave no answer
 * @param findings every mistake once, in the order in which it was named first
 * @param warnings what is allowed but odd, each once
 */
public record Verdict(List<String> asked, List<String> unreachable, List<Finding> findings, List<String> warnings) {
    public Verdict {
        asked = List.copyOf(asked);
        unreachable = List.copyOf(unreachable);
        findings = List.copyOf(findings);
        warnings = List.copyOf(warnings);
    }

    /** Whether a rollout may start: at least one instance answered, and none said no. */
    public boolean isAccepted() {
        return !asked.isEmpty() && findings.isEmpty();
    }
}
