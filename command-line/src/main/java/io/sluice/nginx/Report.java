package io.sluice.nginx;

import io.sluice.nginx.Finding.Kind;
import java.util.List;

/** The findings as the comment that the settings begin with. */
final class Report {
    private final String file;
    private final List<Finding> findings;

    Report(String file, List<Finding> findings) {
        this.file = file.replaceAll("[^\\x20-\\x7e]", "?");
        this.findings = findings;
    }

    String heading() {
        StringBuilder out = new StringBuilder(
                "# Made from " + file + " by 'sluice import-nginx'. What each line came from is written above it.\n");
        for (Kind kind : Kind.values()) {
            List<Finding> those =
                    findings.stream().filter(f -> f.kind() == kind).toList();
            if (!those.isEmpty()) {
                out.append("#\n# ").append(title(kind)).append('\n');
                those.forEach(
                        finding -> out.append("#   ").append(finding.shown()).append('\n'));
            }
        }
        return out.append('\n').toString();
    }

    private static String title(Kind kind) {
        return switch (kind) {
            case LEFT_OUT -> "LEFT OUT. nginx did something here that this proxy will not do:";
            case DIFFERS -> "Carried over, but not to the letter:";
            case NOT_NEEDED -> "Not needed:";
        };
    }
}
