package io.sluice.nginx;

import io.sluice.nginx.Finding.Kind;
import java.util.List;

/**
 * What became of an nginx configuration.
 *
 * @param yaml the settings, with the findings as comments
 * @param findings what was left out, what differs and what is not needed, in this order
 */
public record Imported(String yaml, List<Finding> findings) {
    public Imported {
        findings = List.copyOf(findings);
    }

    public List<Finding> of(Kind kind) {
        return findings.stream().filter(finding -> finding.kind() == kind).toList();
    }

    /** Whether everything with an effect was carried over. */
    public boolean isComplete() {
        return of(Kind.LEFT_OUT).isEmpty();
    }
}
