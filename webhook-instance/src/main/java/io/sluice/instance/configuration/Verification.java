package io.sluice.instance.configuration;

import java.util.List;

/** Who may send: every scheme must agree ({@code ALL}) or one of them ({@code ANY}). No scheme at all: everybody may. */
public record Verification(Rule rule, List<Scheme> schemes) {
    /** How the schemes combine. */
    public enum Rule {
        ALL,
        ANY
    }

    /** Lets everybody in. */
    public static final Verification NONE = new Verification(Rule.ALL, List.of());

    public Verification {
        schemes = List.copyOf(schemes);
    }
}
