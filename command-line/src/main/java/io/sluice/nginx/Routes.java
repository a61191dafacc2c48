package io.sluice.nginx;

import io.sluice.nginx.Conditions.Condition;
import io.sluice.nginx.Conditions.Subject;
import io.sluice.nginx.Locations.Found;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All routes. Each server has its own for each of its hosts, so that no request of one falls through to another; and, where the two ports have not
 * the same servers, for each scheme.
 */
final class Routes {
    private static final int LONGEST_NAME = 80;

    private final List<VirtualServer> servers;
    private final Ports ports;
    private final Pools pools;
    private final Limits limits;
    private final Path folder;
    private final Findings findings;
    private final boolean forwarded;
    private final boolean split;
    private final List<YamlMap> routes = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Set<List<String>> places = new HashSet<>();

    Routes(List<VirtualServer> servers, Ports ports, Pools pools, Limits limits, Path folder, Findings findings) {
        this.servers = servers;
        this.ports = ports;
        this.pools = pools;
        this.limits = limits;
        this.folder = folder;
        this.findings = findings;
        List<Condition> conditions =
                servers.stream().flatMap(s -> Conditions.of(s.scope()).stream()).toList();
        this.forwarded = conditions.stream().anyMatch(c -> c.subject() == Subject.FORWARDED_SCHEME);
        this.split = forwarded
                || ports.differ(servers)
                || (ports.plain() != 0
                        && ports.tls() != 0
                        && (conditions.stream().anyMatch(c -> c.subject() == Subject.SCHEME) || saysScheme()));
    }

    /** Whether an answer repeats the scheme of the request. */
    private boolean saysScheme() {
        return servers.stream()
                .flatMap(server -> server.block().withAllBelow())
                .filter(d -> d.is("return") || d.is("rewrite"))
                .anyMatch(d -> d.arguments().stream().anyMatch(a -> a.startsWith("$scheme")));
    }

    List<YamlMap> read() {
        for (VirtualServer server : servers) {
            if (!ports.serves(server)) {
                Ports.leaveOut(server.block(), findings);
                continue;
            }
            for (String scheme : schemes(server)) {
                add(server, scheme);
            }
        }
        return routes;
    }

    private List<String> schemes(VirtualServer server) {
        List<String> schemes = ports.schemes(server, split);
        // Behind another proxy both come in on one port.
        return forwarded && schemes.equals(List.of("http")) && ports.tls() == 0 ? List.of("http", "https") : schemes;
    }

    private void add(VirtualServer server, String scheme) {
        String known = !scheme.isEmpty() ? scheme : ports.tls() == 0 ? "http" : ports.plain() == 0 ? "https" : "";
        List<Found> ordinary = new Locations(server, pools, limits, folder, known).read();
        Map<String, List<Found>> byHost = new LinkedHashMap<>();
        ports.hosts(server, portScheme(scheme), servers).forEach(host -> byHost.put(host, ordinary));
        for (Condition condition : Conditions.of(server.scope())) {
            apply(condition, server, known, ordinary, byHost);
        }
        byHost.forEach((host, found) -> found.forEach(each -> add(each, host, scheme)));
    }

    /** Behind another proxy there is one port for both. */
    private String portScheme(String scheme) {
        return ports.tls() == 0 ? "http" : scheme;
    }

    private void apply(
            Condition condition,
            VirtualServer server,
            String known,
            List<Found> ordinary,
            Map<String, List<Found>> byHost) {
        boolean concerned = condition.subject() == Subject.HOST || known.equals("http");
        if (!concerned) {
            findings.used(condition.block());
            condition.block().children().forEach(findings::used);
            return;
        }
        Optional<YamlMap> answer = Conditions.answer(condition, server.scope(), known);
        if (answer.isEmpty()) {
            return;
        }
        if (condition.subject() == Subject.FORWARDED_SCHEME) {
            findings.differs(
                    condition.block(),
                    "X-Forwarded-Proto is believed only from listener.trusted-peers; without the field it is http");
        }
        YamlMap route = Place.ALL
                .yaml()
                .putAll(answer.get())
                .comment(condition.block().position() + " " + condition.block().shown());
        List<Found> redirect = List.of(new Found(Place.ALL, route, condition.block()));
        if (condition.subject() != Subject.HOST) {
            byHost.replaceAll((host, found) -> redirect);
        } else if (condition.other()) {
            byHost.replaceAll((host, found) -> host.equals(condition.value()) ? found : redirect);
            byHost.putIfAbsent(condition.value(), ordinary);
        } else {
            byHost.put(condition.value(), redirect);
        }
    }

    private void add(Found found, String host, String scheme) {
        Place place = found.place();
        if (!places.add(List.of(scheme, host, place.path(), String.valueOf(place.exact())))) {
            findings.leftOut(
                    found.origin(),
                    "another server with the same name comes before it: " + (host.isEmpty() ? "any" : host));
            return;
        }
        String name = (host.isEmpty() ? "" : Names.slug(host, LONGEST_NAME) + "-")
                + Names.slug(place.path(), LONGEST_NAME)
                + (scheme.isEmpty() ? "" : "-" + scheme);
        routes.add(new YamlMap()
                .put("name", Names.unique(name, names))
                .put("host", host.isEmpty() ? null : host)
                .put("scheme", scheme.isEmpty() ? null : scheme)
                .putAll(found.route()));
    }
}
