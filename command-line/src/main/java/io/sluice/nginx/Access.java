package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who may come in. The proxy has no such checks, so what nginx checks is closed to all. */
final class Access {
    private static final List<String> CHECKS =
            List.of("auth_basic", "auth_request", "auth_jwt", "auth_oidc", "secure_link");

    private Access() {}

    /** The answer that everybody gets; empty when nginx lets everybody in. */
    static Optional<YamlMap> closed(Scope scope) {
        Findings findings = scope.findings();
        boolean closed = false;
        if (!scope.takeOwn("internal").isEmpty()) {
            return Optional.of(respond(404));
        }
        for (String name : CHECKS) {
            Directive check = scope.take(name);
            if (check != null && !check.argument(0).equals("off")) {
                findings.leftOut(
                        check, "the proxy does not check who somebody is: CLOSED with 403 here; let the backend check");
                closed = true;
            }
        }
        List<Directive> rules = scope.takeAllOf(Set.of("allow", "deny"));
        boolean everybody = rules.isEmpty()
                || isForAll(rules.get(0), "allow")
                || rules.stream().noneMatch(d -> d.is("deny"));
        if (everybody) {
            return closed ? Optional.of(respond(403)) : Optional.empty();
        }
        if (!isForAll(rules.get(0), "deny")) {
            rules.forEach(rule -> findings.leftOut(
                    rule,
                    "the proxy does not go by addresses: CLOSED with 403 here; filter before it, or in the backend"));
        }
        return Optional.of(respond(403));
    }

    private static boolean isForAll(Directive rule, String name) {
        return rule.is(name) && rule.argument(0).equals("all");
    }

    /** An answer of the proxy. */
    static YamlMap respond(int status) {
        return new YamlMap().put("respond", new YamlMap().put("status", status));
    }
}
