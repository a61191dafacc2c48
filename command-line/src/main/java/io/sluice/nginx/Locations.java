package io.sluice.nginx;

import io.sluice.nginx.syntax.Directive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The locations of one server, as routes without name, host and scheme. */
final class Locations {
    /** What answers in place of the proxy and is not there. */
    private static final List<String> OTHER_HANDLERS = List.of(
            "fastcgi_pass",
            "uwsgi_pass",
            "scgi_pass",
            "grpc_pass",
            "memcached_pass",
            "stub_status",
            "empty_gif",
            "dav_methods",
            "mp4",
            "flv",
            "api",
            "content_by_lua_block",
            "content_by_lua_file",
            "js_content",
            "perl");

    private final VirtualServer server;
    private final Pools pools;
    private final Limits limits;
    private final Path folder;
    private final String scheme;
    private final Findings findings;
    private final List<Found> found = new ArrayList<>();

    /** One place and what is done there. */
    record Found(Place place, YamlMap route, Directive origin) {}

    /** @param scheme of the routes, empty when they are for both */
    Locations(VirtualServer server, Pools pools, Limits limits, Path folder, String scheme) {
        this.server = server;
        this.pools = pools;
        this.limits = limits;
        this.folder = folder;
        this.scheme = scheme;
        this.findings = server.scope().findings();
    }

    List<Found> read() {
        Directive block = server.block();
        Optional<YamlMap> whole = ownAnswer(server.scope(), Place.ALL, block);
        if (whole.isPresent()) {
            add(Place.ALL, whole.get(), server.scope(), block);
            server.scope()
                    .own("location")
                    .forEach(location -> findings.notNeeded(
                            location, "never reached: the server answers before it looks at locations"));
            return found;
        }
        read(server.scope());
        foldersWithoutSlash();
        if (found.stream().noneMatch(f -> f.place().equals(Place.ALL))) {
            YamlMap files =
                    new FilesOfPlace(server.scope(), folder).read(Place.ALL).orElse(null);
            YamlMap closed = Access.closed(server.scope()).orElse(null);
            YamlMap rest = closed != null ? closed : files != null ? files : Access.respond(404);
            add(Place.ALL, rest, server.scope(), block);
        }
        return found;
    }

    private void read(Scope scope) {
        for (Directive location : scope.own("location")) {
            String first = location.argument(0);
            if (first.startsWith("@")) {
                continue;
            }
            List<Place> places = Place.of(location, findings);
            Scope inner = scope.inner(location);
            for (Place place : places) {
                boolean taken = found.stream().anyMatch(f -> f.place().equals(place));
                if (taken) {
                    findings.leftOut(
                            location, place.path() + " has a route already, from a location that comes before");
                } else {
                    add(place, content(inner, place, location), inner, location);
                }
            }
            if (!places.isEmpty()) {
                read(inner);
            }
        }
    }

    private YamlMap content(Scope scope, Place place, Directive location) {
        Optional<YamlMap> answer = ownAnswer(scope, place, location);
        if (answer.isPresent()) {
            return answer.get();
        }
        Optional<YamlMap> closed = Access.closed(scope);
        if (closed.isPresent()) {
            closedAnyway(scope);
            return closed.get();
        }
        Directive pass = last(scope.takeOwn("proxy_pass"));
        if (pass != null) {
            YamlMap route =
                    new Forwarding(scope, pools, folder).read(pass, place).orElseGet(() -> Access.respond(503));
            if (route.has("pool")) {
                replacedPrefix(scope, place).ifPresent(prefix -> route.put("replace-prefix", prefix));
                fallback(scope, place, route);
            }
            return route;
        }
        for (String handler : OTHER_HANDLERS) {
            for (Directive directive : scope.own(handler)) {
                findings.leftOut(
                        directive,
                        directive.is("stub_status")
                                ? "figures are at /metrics of the admin port, and a page at its /: CLOSED with 503 here"
                                : "the proxy speaks HTTP to backends and gives files, nothing else: CLOSED with 503 here");
                return Access.respond(503);
            }
        }
        return files(scope, place, location);
    }

    /** {@code error_page 502 503 504 = @other}, where that is another pool. */
    private void fallback(Scope scope, Place place, YamlMap route) {
        for (Directive page : scope.all("error_page")) {
            List<String> arguments = page.arguments();
            String target = arguments.isEmpty() ? "" : arguments.get(arguments.size() - 1);
            boolean ofProxy = arguments.stream()
                    .limit(Math.max(0, arguments.size() - 1))
                    .allMatch(argument -> argument.matches("50[234]|="));
            Scope other = ofProxy && !route.has("fallback") ? named(target) : null;
            Directive pass = other == null ? null : last(other.own("proxy_pass"));
            if (other == null || pass == null) {
                continue;
            }
            YamlMap there =
                    new Forwarding(other, pools, folder).read(pass, place).orElseGet(YamlMap::new);
            Object pool = there.get("pool");
            if (pool == null || there.has("replace-prefix") || pool.equals(route.get("pool"))) {
                findings.leftOut(page, "a fallback is another pool, which is asked for the same path");
            } else {
                route.put("fallback", pool);
                findings.differs(
                        page,
                        "fallback: that pool gets what nobody in the first can take now, with the settings of this route; what failed is tried again as retry says");
            }
        }
    }

    /** What else the place says is of no use there. */
    private void closedAnyway(Scope scope) {
        for (Directive directive : scope.directives()) {
            if (directive.is("proxy_pass")
                    || directive.is("root")
                    || directive.is("alias")
                    || directive.is("try_files")) {
                findings.leftOut(
                        directive,
                        "not carried over, since nobody may come here; the check has to be made elsewhere first");
            }
        }
    }

    private YamlMap files(Scope scope, Place place, Directive location) {
        Directive tries = scope.take("try_files");
        if (tries != null) {
            String last = tries.argument(tries.arguments().size() - 1);
            Scope named = named(last);
            if (named != null) {
                findings.leftOut(
                        tries,
                        "files are not looked for first: add routes with files for the paths that have them; here all is forwarded");
                return content(named, place, location);
            }
            if (!last.equals("=404")) {
                findings.leftOut(tries, "what is not there is 404, no other file stands in for it");
            }
        }
        return new FilesOfPlace(scope, folder).read(place).orElseGet(() -> Access.respond(404));
    }

    private @Nullable Scope named(String name) {
        for (Directive location : server.scope().own("location")) {
            if (name.startsWith("@") && location.argument(0).equals(name)) {
                findings.used(location);
                return server.scope().inner(location);
            }
        }
        return null;
    }

    /** {@code return} and redirecting {@code rewrite}, which come before all else. */
    private Optional<YamlMap> ownAnswer(Scope scope, Place place, Directive origin) {
        for (Directive directive : scope.directives()) {
            if (directive.is("return")) {
                return Optional.of(Redirects.ofReturn(directive, scope, scheme).orElseGet(() -> Access.respond(503)));
            }
            if (directive.is("rewrite")) {
                Optional<YamlMap> answer = rewrite(directive, scope, place, origin);
                if (answer.isPresent()) {
                    return answer;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<YamlMap> rewrite(Directive rewrite, Scope scope, Place place, Directive origin) {
        var redirect = Redirects.ofRewrite(rewrite, scope, scheme).orElse(null);
        if (redirect == null && replacedPrefix(scope, place).isPresent()) {
            findings.used(rewrite);
            return Optional.empty();
        }
        if (redirect == null) {
            String closed = ": CLOSED with 503 here";
            boolean ofLocation = origin.is("location");
            findings.leftOut(
                    rewrite,
                    "on its way to a backend only the beginning of a path is replaced, and redirects take only what docs/from-nginx.md shows"
                            + (ofLocation ? closed : ""));
            return ofLocation ? Optional.of(Access.respond(503)) : Optional.empty();
        }
        boolean whole = redirect.getKey().equals(Place.ALL) || redirect.getKey().equals(place);
        if (whole) {
            return Optional.of(redirect.getValue());
        }
        add(redirect.getKey(), redirect.getValue(), scope, rewrite);
        return Optional.empty();
    }

    /** What the one rewrite of a place that forwards puts in place of its path. */
    private static Optional<String> replacedPrefix(Scope scope, Place place) {
        List<Directive> rewrites = scope.own("rewrite");
        return rewrites.size() == 1 && !scope.own("proxy_pass").isEmpty()
                ? Redirects.replacedPrefix(rewrites.get(0), place)
                : Optional.empty();
    }

    /** What every kind of route has. */
    private void add(Place place, YamlMap content, Scope scope, Directive origin) {
        YamlMap route = place.yaml().putAll(content);
        route.comment(origin.position() + " " + origin.shown());
        route.put("methods", methods(scope));
        if (scope.value("access_log").filter("off"::equals).isPresent()) {
            route.put("access-log", false);
        }
        YamlMap expires = content.has("files") ? new YamlMap() : FilesOfPlace.expiresField(scope);
        YamlMap changes = new Headers(scope).ofResponses(expires, content.has("files"));
        route.put("response-headers", changes).put("rate-limits", limits.of(scope));
        if (content.has("files") || content.has("pool")) {
            route.put("compression", Compression.of(scope));
        }
        found.add(new Found(place, route, origin));
    }

    private List<String> methods(Scope scope) {
        List<String> methods = new ArrayList<>();
        for (Directive except : scope.takeOwn("limit_except")) {
            except.arguments().stream().filter(m -> m.matches("[A-Z-]+")).forEach(methods::add);
            boolean plain = except.children().size() == 1
                    && except.children().get(0).is("deny")
                    && except.children().get(0).argument(0).equals("all");
            except.children().forEach(findings::used);
            if (plain) {
                findings.differs(except, "other methods get 405");
            } else {
                findings.leftOut(except, "other methods are refused for everybody, with 405");
            }
        }
        return methods;
    }

    /** Where a location ends with a slash, nginx sends those who ask for it without to it. */
    private void foldersWithoutSlash() {
        Set<String> taken = new HashSet<>();
        found.forEach(f -> taken.add(f.place().path()));
        for (Found each : List.copyOf(found)) {
            String path = each.place().path();
            String bare = path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : "";
            boolean regex = each.origin().argument(0).startsWith("~");
            if (!bare.isEmpty()
                    && !regex
                    && !each.place().exact()
                    && each.route().has("pool")
                    && !taken.contains(bare)) {
                Place place = new Place(bare, true);
                YamlMap route = place.yaml().putAll(Redirects.toFolder(path));
                found.add(new Found(
                        place,
                        route.comment(each.origin().position() + " nginx sends " + bare + " to " + path),
                        each.origin()));
            }
        }
    }

    private static @Nullable Directive last(List<Directive> directives) {
        return directives.isEmpty() ? null : directives.get(directives.size() - 1);
    }
}
