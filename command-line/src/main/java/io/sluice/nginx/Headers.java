package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import io.sluice.proxy.route.HeaderChanges;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Header fields: {@code proxy_set_header}, {@code add_header}, {@code proxy_hide_header}. */
final class Headers {
    /** What the proxy sends without being told, by the value that says the same. */
    private static final Map<String, Set<String>> SENT_ANYWAY = Map.of(
            "x-real-ip", Set.of("$remote_addr"),
            "x-forwarded-for", Set.of("$proxy_add_x_forwarded_for", "$remote_addr"),
            "x-forwarded-proto", Set.of("$scheme"),
            "x-forwarded-host", Set.of("$host", "$http_host"),
            "x-request-id", Set.of("$request_id"));

    private final Scope scope;
    private final Findings findings;

    Headers(Scope scope) {
        this.scope = scope;
        this.findings = scope.findings();
    }

    /** What backends get: {@code host-header}, {@code upgrade} and {@code request-headers}. */
    void ofRequests(YamlMap route, boolean named) {
        YamlMap set = new YamlMap();
        List<String> removed = new ArrayList<>();
        boolean host = false;
        for (Directive directive : scope.takeAll("proxy_set_header")) {
            String name = directive.argument(0).toLowerCase(Locale.ROOT);
            String value = scope.substitute(directive.argument(1));
            switch (name) {
                case "host" -> {
                    host = true;
                    host(directive, value, route);
                }
                case "upgrade" -> route.put("upgrade", value.equals("$http_upgrade") ? Boolean.TRUE : null);
                case "connection" -> connection(directive, value);
                default -> request(directive, name, value, set, removed);
            }
        }
        if (!host) {
            route.put("host-header", "backend");
            if (named) {
                Directive pass = scope.take("proxy_pass");
                if (pass != null) {
                    findings.differs(
                            pass,
                            "without proxy_set_header Host the backend sees its own address as Host, not the name of the upstream");
                }
            }
        }
        route.put("request-headers", new YamlMap().put("set", set).put("remove", removed));
    }

    private void host(Directive directive, String value, YamlMap route) {
        switch (value) {
            case "$host", "$http_host", "$host:$server_port" -> {}
            case "$proxy_host" -> route.put("host-header", "backend");
            default ->
                findings.leftOut(
                        directive, "Host is the client's or the backend's own (host-header); here the client's");
        }
    }

    private void connection(Directive directive, String value) {
        if (value.equalsIgnoreCase("close")) {
            findings.leftOut(directive, "connections to backends are kept; listener.upstream.max-idle: 0 keeps none");
        }
        // Else it is one half of the idiom for upgrades, or of the one for kept connections.
    }

    private void request(Directive directive, String name, String value, YamlMap set, List<String> removed) {
        if (SENT_ANYWAY.getOrDefault(name, Set.of()).contains(value)) {
            return;
        }
        if (value.equals("$http_" + name.replace('-', '_'))) {
            trusted(directive, name);
            return;
        }
        if (HeaderChanges.isOfTheMessage(name) || HeaderChanges.isAboutTheClient(name)) {
            findings.leftOut(directive, "only the proxy writes this field, and in its own way");
            return;
        }
        boolean named = isName(directive.argument(0));
        Optional<String> template = Template.of(value);
        if (named && value.isEmpty()) {
            removed.add(directive.argument(0));
        } else if (named && template.isPresent()) {
            set.put(directive.argument(0), template.get());
        } else {
            findings.leftOut(
                    directive, "of variables a field can have the client's address, $host, $request_id and $scheme");
        }
    }

    /** Passing on what the client said is what happens anyway, but for what it may say about itself. */
    private void trusted(Directive directive, String name) {
        if (HeaderChanges.isAboutTheClient(name)) {
            findings.differs(directive, "what clients say in it is believed only from listener.trusted-peers");
        }
    }

    /**
     * What clients get: {@code response-headers}.
     *
     * @param set fields that are there for another reason
     * @param files whether {@code Cache-Control} is said elsewhere
     */
    YamlMap ofResponses(YamlMap set, boolean files) {
        YamlMap added = new YamlMap();
        Set<String> names = new HashSet<>();
        for (Directive directive : scope.takeAll("add_header")) {
            if (!files || !FilesOfPlace.isCacheControl(directive)) {
                add(directive, added, names);
            }
        }
        List<String> removed = new ArrayList<>();
        scope.takeAll("proxy_hide_header").stream()
                .map(d -> d.argument(0))
                .filter(Headers::isName)
                .filter(name -> !HeaderChanges.isOfTheMessage(name.toLowerCase(Locale.ROOT)))
                .forEach(removed::add);
        return new YamlMap().put("set", set).put("add", added).put("remove", removed);
    }

    private void add(Directive directive, YamlMap added, Set<String> names) {
        String name = directive.argument(0);
        Optional<String> value = Template.of(scope.substitute(directive.argument(1)));
        if (HeaderChanges.isOfTheMessage(name.toLowerCase(Locale.ROOT)) || !isName(name)) {
            findings.leftOut(directive, "only the proxy writes this field");
        } else if (value.isEmpty()) {
            findings.leftOut(
                    directive, "of variables a field can have the client's address, $host, $request_id and $scheme");
        } else if (!names.add(name.toLowerCase(Locale.ROOT))) {
            findings.leftOut(directive, "a field can be added once in a route");
        } else if (!value.get().isEmpty()) {
            added.put(name, value.get());
            always(directive);
        }
    }

    private void always(Directive directive) {
        if (!directive.arguments().contains("always")) {
            findings.differs(directive, "as with always: on every answer of the route, errors too");
        }
    }

    private static boolean isName(String name) {
        return name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    }
}
