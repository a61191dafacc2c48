package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The two kinds of {@code if} of a server that routes can say: redirects by scheme, and by host. */
final class Conditions {
    private static final Pattern FORM = Pattern.compile("\\(\\s*\\$(\\w+)\\s*(!?=)\\s*['\"]?([^'\"]*?)['\"]?\\s*\\)");

    /** What a condition asks about. */
    enum Subject {
        HOST,
        SCHEME,
        /** The scheme that a proxy in front tells. */
        FORWARDED_SCHEME
    }

    /**
     * A redirect that holds for some requests of a server.
     *
     * @param value the host, or {@code http}
     * @param other whether it holds for all but this one
     */
    record Condition(Subject subject, String value, boolean other, Directive block) {}

    private Conditions() {}

    /** Those of a server that can be said; the others are left to be found. */
    static List<Condition> of(Scope server) {
        List<Condition> found = new ArrayList<>();
        for (Directive each : server.own("if")) {
            if (each.children().size() == 1
                    && (answer(each).is("return") || answer(each).is("rewrite"))) {
                read(each).ifPresent(found::add);
            }
        }
        return found;
    }

    private static Directive answer(Directive block) {
        return block.children().get(0);
    }

    private static Optional<Condition> read(Directive block) {
        Matcher matcher = FORM.matcher(String.join(" ", block.arguments()));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        boolean other = matcher.group(2).equals("!=");
        String value = matcher.group(3).toLowerCase(Locale.ROOT);
        return switch (matcher.group(1)) {
            case "host", "http_host" ->
                value.matches("[a-z0-9._-]+")
                        ? Optional.of(new Condition(Subject.HOST, value, other, block))
                        : Optional.empty();
            case "scheme" -> plain(value.equals(other ? "https" : "http"), Subject.SCHEME, block);
            case "http_x_forwarded_proto" ->
                plain(value.equals(other ? "https" : "http"), Subject.FORWARDED_SCHEME, block);
            case "https", "ssl_protocol" -> plain(other ? value.equals("on") : value.isEmpty(), Subject.SCHEME, block);
            case "server_port" -> plain(value.equals(other ? "443" : "80"), Subject.SCHEME, block);
            default -> Optional.empty();
        };
    }

    private static Optional<Condition> plain(boolean understood, Subject subject, Directive block) {
        return understood ? Optional.of(new Condition(subject, "http", false, block)) : Optional.empty();
    }

    /** What clients are answered for whom it holds; empty, with a finding, when it cannot be said. */
    static Optional<YamlMap> answer(Condition condition, Scope server, String scheme) {
        Scope inner = server.inner(condition.block());
        Directive answer = answer(condition.block());
        Optional<YamlMap> said = answer.is("return")
                ? Redirects.ofReturn(answer, inner, scheme)
                : Redirects.ofRewrite(answer, inner, scheme)
                        .filter(redirect -> redirect.getKey().equals(Place.ALL))
                        .map(redirect -> redirect.getValue());
        if (said.isEmpty()) {
            server.findings()
                    .leftOut(
                            condition.block(),
                            "of conditions only redirects are carried over, in the forms that docs/from-nginx.md shows");
        } else {
            server.findings().used(condition.block());
            server.findings().used(answer);
        }
        return said;
    }
}
