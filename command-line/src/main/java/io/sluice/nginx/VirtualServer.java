package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * One {@code server} block.
 *
 * @param names that routes can have as their host; {@code *.example.com} for those below
 */
record VirtualServer(Directive block, Scope scope, List<Listen> listens, Set<String> names) {
    static VirtualServer read(Directive block, Scope outer) {
        Scope scope = outer.inner(block);
        Findings findings = scope.findings();
        findings.used(block);
        boolean sslOn = scope.isOn("ssl");
        List<Listen> listens = new ArrayList<>();
        for (Directive listen : scope.own("listen")) {
            Listen.read(listen, sslOn, findings).ifPresent(listens::add);
        }
        if (scope.own("listen").isEmpty()) {
            listens.add(Listen.ordinary(block));
        }
        return new VirtualServer(block, scope, listens, names(scope));
    }

    private static Set<String> names(Scope scope) {
        Set<String> names = new LinkedHashSet<>();
        for (Directive directive : scope.takeOwn("server_name")) {
            for (String name : directive.arguments()) {
                String lower = name.toLowerCase(Locale.ROOT);
                if (lower.matches("\\.[a-z0-9._-]+")) {
                    names.add(lower.substring(1));
                    names.add("*" + lower);
                } else if (lower.matches("(\\*\\.)?[a-z0-9._-]+") || lower.matches("\\[[0-9a-f:]+]")) {
                    names.add(lower);
                } else if (!lower.isEmpty()) {
                    scope.findings()
                            .leftOut(directive, name + ": a host is a name, or *.example.com for all below one");
                }
            }
        }
        // Nobody asks for it: the usual way to write "no name".
        names.remove("_");
        return names;
    }

    boolean listensOn(int port) {
        return listens.stream().anyMatch(listen -> listen.port() == port);
    }

    boolean isDefaultOn(int port) {
        return listens.stream().anyMatch(listen -> listen.port() == port && listen.isDefault());
    }
}
