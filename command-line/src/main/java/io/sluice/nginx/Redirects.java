package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import io.sluice.proxy.route.PathNormalizer;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code return} and {@code rewrite … permanent}: answers that the proxy gives by itself. */
final class Redirects {
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 307, 308);

    /** Address, then what of the request follows: all of it, the path, or the query. */
    private static final Pattern TARGET = Pattern.compile(
            "((?:(?:https?|\\$scheme)://(?:[A-Za-z0-9._-]+|\\$host|\\$http_host|\\$server_name)(?::\\d+)?)?(?:/[^$?#\\s]*)?)"
                    + "(\\$request_uri|\\$uri|\\$document_uri|)(\\$is_args\\$args|\\?\\$args|\\?\\$query_string|\\$is_args\\$query_string|)\\??");

    private static final Pattern WHOLE_PATH =
            Pattern.compile("\\^?(/?)\\(\\.\\*\\)\\$?|\\^|\\^/|\\.\\*|/|\\^\\.\\*\\$?");

    /** {@code ^/path/(.*)$} and {@code ^/path(/.*)$}. */
    private static final Pattern REST = Pattern.compile("\\^?(/.*?)(/\\??\\(\\.\\*\\)|\\(/\\.\\*\\))\\$?");

    private Redirects() {}

    /**
     * What a {@code return} gives.
     *
     * @param scheme of the route; empty when it is for both
     * @return empty, with a finding, when the proxy cannot say it
     */
    static Optional<YamlMap> ofReturn(Directive directive, Scope scope, String scheme) {
        String first = directive.argument(0);
        boolean bare = first.startsWith("http") || first.startsWith("$scheme");
        Optional<Integer> status = bare ? Optional.of(302) : Quantity.number(first, 200, 999);
        String rest = scope.substitute(bare ? first : directive.argument(1));
        if (status.isEmpty()) {
            scope.findings().leftOut(directive, "not a status that can be given");
            return Optional.empty();
        }
        int code = status.get();
        if (REDIRECTS.contains(code)) {
            return redirect(code, rest, directive, scope, scheme);
        }
        if (code == 444) {
            scope.findings().differs(directive, "answered 404: connections are not cut without an answer");
            return Optional.of(respond(404, "", scope));
        }
        if (code > 599 || code == 303 || rest.contains("$")) {
            scope.findings().leftOut(directive, "a fixed answer has a status from 200 to 599 and no variables");
            return Optional.empty();
        }
        scope.findings().used(directive);
        return Optional.of(respond(code, code == 204 || code == 304 ? "" : rest, scope));
    }

    private static YamlMap respond(int status, String body, Scope scope) {
        String type = scope.value("default_type").filter(t -> !body.isEmpty()).orElse("");
        return new YamlMap()
                .put(
                        "respond",
                        new YamlMap()
                                .put("status", status)
                                .put("body", body.isEmpty() ? null : body)
                                .put("content-type", type.matches("[!-~]+(; ?[!-~]+)?") ? type : null));
    }

    private static Optional<YamlMap> redirect(
            int status, String text, Directive directive, Scope scope, String scheme) {
        Matcher target = TARGET.matcher(text);
        boolean bareRequest = target.matches() && target.group(1).isEmpty();
        if (!target.matches() || bareRequest || (!target.group(2).isEmpty() && !hostOnly(target.group(1)))) {
            scope.findings()
                    .leftOut(
                            directive,
                            "a redirect goes to https://host/path or /path; of variables it takes $host, and $request_uri after a host");
            return Optional.empty();
        }
        Optional<String> to = to(target.group(1), scope, scheme);
        if (to.isEmpty()) {
            scope.findings().leftOut(directive, "$scheme: say http or https");
            return Optional.empty();
        }
        boolean keepPath = !target.group(2).isEmpty();
        boolean keepQuery =
                target.group(2).equals("$request_uri") || !target.group(3).isEmpty();
        scope.findings().used(directive);
        return Optional.of(redirect(to.get(), status, keepPath, keepQuery));
    }

    private static Optional<String> to(String text, Scope scope, String scheme) {
        if (text.startsWith("$scheme") && scheme.isEmpty()) {
            return Optional.empty();
        }
        String name = scope.value("server_name").orElse("$host");
        return Optional.of(text.replace("$scheme", scheme)
                .replace("$http_host", "$host")
                .replace("$server_name", name.matches("[a-z0-9.-]+") ? name : "$host"));
    }

    private static boolean hostOnly(String target) {
        return target.matches("[a-z$]+://[^/]+");
    }

    private static YamlMap redirect(String to, int status, boolean keepPath, boolean keepQuery) {
        YamlMap redirect = new YamlMap().put("to", to).put("status", status);
        return new YamlMap()
                .put(
                        "redirect",
                        redirect.put("keep-path", keepPath ? null : Boolean.FALSE)
                                .put("keep-query", keepQuery ? null : Boolean.FALSE));
    }

    /** A redirect of {@code path} to {@code path/}, as nginx does where a location ends with a slash. */
    static YamlMap toFolder(String folder) {
        return redirect(folder, 301, false, true);
    }

    /** What a backend is asked for in place of a route's path, where a {@code rewrite … break} changes no more than that. */
    static Optional<String> replacedPrefix(Directive rewrite, Place place) {
        Matcher whole = REST.matcher(rewrite.argument(0));
        String target = rewrite.argument(1);
        if (!rewrite.argument(2).equals("break") || !whole.matches() || place.exact() || !target.endsWith("$1")) {
            return Optional.empty();
        }
        boolean slashIsKept = whole.group(2).startsWith("(");
        String path = Place.literalOf(whole.group(1)).orElse("");
        String base = target.substring(0, target.length() - 2) + (slashIsKept ? "/" : "");
        boolean same = path.equals(place.path().replaceAll("(?<=.)/$", ""));
        return same && base.endsWith("/") && base.equals(PathNormalizer.normalize(base))
                ? Optional.of(base)
                : Optional.empty();
    }

    /** A {@code rewrite} that sends clients elsewhere, with the place it is for. */
    static Optional<Map.Entry<Place, YamlMap>> ofRewrite(Directive rewrite, Scope scope, String scheme) {
        String flag = rewrite.argument(2);
        int status = flag.equals("permanent") ? 301 : 302;
        String regex = rewrite.argument(0);
        String to = scope.substitute(rewrite.argument(1));
        boolean dropsQuery = to.endsWith("?") && !to.contains("$request_uri");
        String target = to.replaceAll("\\?$", "");
        boolean external = flag.equals("permanent") || flag.equals("redirect") || to.matches("(https?|\\$scheme)://.*");
        if (!external) {
            return Optional.empty();
        }
        Optional<Map.Entry<Place, YamlMap>> found = WHOLE_PATH.matcher(regex).matches()
                ? whole(target, dropsQuery, status, scope, scheme)
                : part(regex, target, dropsQuery, status, scope, scheme);
        found.ifPresent(f -> scope.findings().used(rewrite));
        return found;
    }

    private static Optional<Map.Entry<Place, YamlMap>> whole(
            String target, boolean dropsQuery, int status, Scope scope, String scheme) {
        String base = target.replaceAll("/?(\\$1|\\$request_uri|\\$uri)$", "");
        boolean keepPath = !base.equals(target);
        if (base.contains("$1") || base.isEmpty() || (keepPath && !hostOnly(base))) {
            return Optional.empty();
        }
        return address(base, scope, scheme)
                .map(to -> Map.entry(Place.ALL, redirect(to, status, keepPath, !dropsQuery)));
    }

    /** {@code ^/old/(.*)$ /new/$1} and {@code ^/old$ /new}. */
    private static Optional<Map.Entry<Place, YamlMap>> part(
            String regex, String target, boolean dropsQuery, int status, Scope scope, String scheme) {
        String prefix = regex.replaceAll("^\\^", "").replaceAll("\\(\\.\\*\\)\\$?$", "");
        boolean rest = regex.matches("\\^.*/\\(\\.\\*\\)\\$?");
        String path =
                Place.literalOf(rest ? prefix : prefix.replaceAll("\\$$", "")).orElse("");
        boolean exact = regex.matches("\\^.*\\$") && !rest;
        String base = rest ? target.replaceAll("\\$1$", "") : target;
        boolean usable = path.startsWith("/")
                && (rest || exact)
                && (!rest || (target.endsWith("/$1") && !hostOnly(base.replaceAll("/$", ""))));
        if (!usable || Place.ofRegex("^" + regex.replaceAll("^\\^", "")).isEmpty()) {
            return Optional.empty();
        }
        return address(base, scope, scheme)
                .map(to -> Map.entry(new Place(path, exact), redirect(to, status, rest, !dropsQuery)));
    }

    private static Optional<String> address(String text, Scope scope, String scheme) {
        Matcher target = TARGET.matcher(text);
        return target.matches() && target.group(2).isEmpty() && target.group(3).isEmpty()
                ? to(target.group(1), scope, scheme)
                : Optional.empty();
    }
}
