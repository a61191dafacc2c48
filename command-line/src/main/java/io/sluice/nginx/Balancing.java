package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How an {@code upstream} chooses: {@code balance}, {@code hash-on} and {@code sticky} of a pool. */
final class Balancing {
    private static final Map<String, String> PREFIXES =
            Map.of("$http_", "header:", "$cookie_", "cookie:", "$arg_", "query:");

    private final Scope upstream;
    private final Findings findings;
    private final YamlMap pool = new YamlMap();

    private Balancing(Scope upstream) {
        this.upstream = upstream;
        this.findings = upstream.findings();
    }

    static YamlMap read(Scope upstream) {
        Balancing balancing = new Balancing(upstream);
        balancing.method();
        upstream.takeOwn("sticky").forEach(balancing::sticky);
        return balancing.pool;
    }

    private void method() {
        pool.put("balance", "round-robin");
        if (!upstream.takeOwn("least_conn").isEmpty()) {
            pool.put("balance", "least-connections");
        }
        upstream.takeOwn("random").forEach(this::random);
        upstream.takeOwn("hash").forEach(this::hash);
        for (Directive directive : upstream.takeOwn("ip_hash")) {
            hashOn("client-ip");
            findings.differs(
                    directive,
                    "the whole address is hashed, not its first three octets, and consistently: clients move to other backends once, when you"
                            + " change over");
        }
        for (Directive directive : upstream.own("least_time")) {
            pool.put("balance", "least-connections");
            findings.leftOut(directive, "nothing measures response times; least-connections is the nearest");
        }
    }

    private void random(Directive directive) {
        pool.put("balance", "random-two-choices");
        if (!directive.argument(0).equals("two")) {
            findings.differs(directive, "of two drawn the less loaded one is taken");
        } else if (directive.argument(1).startsWith("least_time")) {
            findings.differs(directive, "the one with fewer requests is taken, not the faster one");
        }
    }

    private void hash(Directive directive) {
        Optional<String> key = hashKey(upstream.substitute(directive.argument(0)));
        if (key.isEmpty()) {
            pool.put("balance", "least-connections");
            findings.leftOut(
                    directive,
                    "the hash can go by the client's address, one header, one cookie or one parameter; least-connections stands in");
            return;
        }
        hashOn(key.get());
        if (!directive.argument(1).equals("consistent")) {
            findings.differs(
                    directive, "hashed consistently: clients move to other backends once, when you change over");
        }
    }

    private void hashOn(String key) {
        pool.put("balance", "consistent-hash").put("hash-on", key);
    }

    private static Optional<String> hashKey(String text) {
        if (List.of("$remote_addr", "$binary_remote_addr", "$proxy_protocol_addr")
                .contains(text)) {
            return Optional.of("client-ip");
        }
        return PREFIXES.entrySet().stream()
                .filter(prefix -> text.startsWith(prefix.getKey()) && text.matches("\\$\\w+"))
                .map(prefix -> {
                    String name = text.substring(prefix.getKey().length());
                    return prefix.getValue() + (prefix.getValue().equals("header:") ? name.replace('_', '-') : name);
                })
                .findFirst();
    }

    private void sticky(Directive directive) {
        if (!directive.argument(0).equals("cookie") || !directive.argument(1).matches("[A-Za-z0-9_.-]{1,64}")) {
            findings.leftOut(directive, "clients can be bound by a cookie of the proxy only: sticky cookie NAME");
            return;
        }
        YamlMap sticky = new YamlMap().put("cookie", directive.argument(1));
        for (String parameter :
                directive.arguments().subList(2, directive.arguments().size())) {
            if (parameter.startsWith("expires=")) {
                stickyAge(parameter.substring("expires=".length()), sticky, directive);
            } else if (!parameter.equals("httponly") && !parameter.equals("path=/")) {
                findings.leftOut(
                        directive,
                        parameter + ": the cookie is HttpOnly and for the whole host, nothing else can be chosen");
            }
        }
        pool.put("sticky", sticky);
        findings.differs(
                directive,
                "the cookie is signed and has another value: clients are bound anew once, when you change over");
    }

    private void stickyAge(String text, YamlMap sticky, Directive directive) {
        Optional<Duration> age = Quantity.time(text).filter(duration -> duration.toSeconds() > 0);
        if (age.isPresent()) {
            sticky.put("max-age", Quantity.shown(age.get()));
        } else if (!text.equals("max")) {
            findings.leftOut(directive, "expires=" + text + " is no time that can be carried over");
        } else {
            sticky.put("max-age", Quantity.shown(Duration.ofDays(3650)));
        }
    }
}
