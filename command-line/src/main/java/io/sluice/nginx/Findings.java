package io.sluice.nginx;

import io.sluice.nginx.Finding.Kind;
import io.sluice.nginx.syntax.Directive;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Keeps account of every directive, so that none is dropped without a word: each is used, or has a finding. One that is looked at several times,
 * since it holds for several places or is included several times, has each of its findings once.
 */
final class Findings {
    private final Set<Directive> settled = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Finding> all = new ArrayList<>();

    /** It is in the settings. */
    void used(Directive directive) {
        settled.add(directive);
    }

    /** It is not in the settings, and neither is what it contains. */
    void leftOut(Directive directive, String reason) {
        add(Kind.LEFT_OUT, directive, reason);
        directive.withAllBelow().forEach(settled::add);
    }

    void differs(Directive directive, String reason) {
        add(Kind.DIFFERS, directive, reason);
    }

    void notNeeded(Directive directive, String reason) {
        add(Kind.NOT_NEEDED, directive, reason);
        directive.withAllBelow().forEach(settled::add);
    }

    boolean isSettled(Directive directive) {
        return settled.contains(directive);
    }

    /** Looks for what nobody took. */
    void sweep(List<Directive> directives) {
        for (Directive directive : directives) {
            if (!isSettled(directive)) {
                untaken(directive);
            }
            sweep(directive.children());
        }
    }

    private void untaken(Directive directive) {
        KnownDirectives.Known known = KnownDirectives.find(directive.name());
        if (known == null) {
            leftOut(directive, "not a directive that the importer knows");
            return;
        }
        switch (known.support()) {
            case MISSING -> leftOut(directive, known.remark());
            case NEEDLESS -> notNeeded(directive, known.remark());
            case INHERITED ->
                notNeeded(directive, "no route takes it: another value holds where it could, or nothing does there");
            case MAPPED -> leftOut(directive, known.remark().isEmpty() ? "not mapped where it stands" : known.remark());
        }
    }

    private void add(Kind kind, Directive directive, String reason) {
        settled.add(directive);
        boolean known = all.stream()
                .anyMatch(f -> f.kind() == kind
                        && f.directive().position().equals(directive.position())
                        && f.directive().is(directive.name())
                        && f.reason().equals(reason));
        if (!known) {
            all.add(new Finding(kind, directive, reason));
        }
    }

    List<Finding> all() {
        return List.copyOf(all);
    }
}
