package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The directives of one block and of those around it. What a block says itself replaces all that those around it say under the same name. */
final class Scope {
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))");

    private final @Nullable Scope outer;
    private final List<Directive> directives;
    private final Findings findings;

    Scope(@Nullable Scope outer, List<Directive> directives, Findings findings) {
        this.outer = outer;
        this.directives = directives;
        this.findings = findings;
    }

    Scope inner(Directive block) {
        return new Scope(this, block.children(), findings);
    }

    Findings findings() {
        return findings;
    }

    List<Directive> directives() {
        return directives;
    }

    /** Those of this block alone; they count as used. */
    List<Directive> takeOwn(String name) {
        List<Directive> own = own(name);
        own.forEach(findings::used);
        return own;
    }

    /** Those of this block alone. */
    List<Directive> own(String name) {
        return directives.stream().filter(d -> d.is(name)).toList();
    }

    /** Those that hold here; they count as used. */
    List<Directive> takeAll(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            List<Directive> own = scope.takeOwn(name);
            if (!own.isEmpty()) {
                return own;
            }
        }
        return List.of();
    }

    /** Those that hold here. */
    List<Directive> all(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            List<Directive> own = scope.own(name);
            if (!own.isEmpty()) {
                return own;
            }
        }
        return List.of();
    }

    /** The block {@code name argument}, of this block or one around it. */
    Optional<Directive> block(String name, String argument) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            for (Directive each : scope.own(name)) {
                if (each.argument(0).equals(argument)) {
                    return Optional.of(each);
                }
            }
        }
        return Optional.empty();
    }

    /** Those of several names that hold here, of the innermost block that has any of them, in their order; they count as used. */
    List<Directive> takeAllOf(Set<String> names) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            List<Directive> own = scope.directives.stream()
                    .filter(d -> names.contains(d.name()))
                    .toList();
            if (!own.isEmpty()) {
                own.forEach(findings::used);
                return own;
            }
        }
        return List.of();
    }

    /** The one that holds here; it counts as used. */
    @Nullable
    Directive take(String name) {
        List<Directive> all = takeAll(name);
        return all.isEmpty() ? null : all.get(all.size() - 1);
    }

    /** The first argument of what holds here. */
    Optional<String> value(String name) {
        Directive directive = take(name);
        return directive == null ? Optional.empty() : Optional.of(substitute(directive.argument(0)));
    }

    boolean isOn(String name) {
        return value(name).filter("on"::equals).isPresent();
    }

    /** Puts in what {@code set} says, where that is a plain text. */
    String substitute(String text) {
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            matcher.appendReplacement(
                    out, Matcher.quoteReplacement(constant(name).orElse(matcher.group())));
        }
        return matcher.appendTail(out).toString();
    }

    private Optional<String> constant(String variable) {
        List<Directive> found = new ArrayList<>();
        for (Scope scope = this; scope != null; scope = scope.outer) {
            scope.own("set").stream()
                    .filter(d -> d.argument(0).equals("$" + variable))
                    .forEach(found::add);
        }
        if (found.size() != 1 || found.get(0).argument(1).contains("$")) {
            return Optional.empty();
        }
        findings.used(found.get(0));
        return Optional.of(found.get(0).argument(1));
    }
}
