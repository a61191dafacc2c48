package io.sluice.nginx;

import io.sluice.nginx.syntax.ConfigurationException;
import io.sluice.nginx.syntax.ConfigurationReader;
import io.sluice.nginx.syntax.Directive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Reads an nginx configuration and writes the settings of a proxy that does the same, as far as it can, and says where it cannot. */
public final class NginxImport {
    private final Path folder;
    private final List<Directive> directives;
    private final Findings findings = new Findings();
    private final Pools pools = new Pools(findings);
    private final Limits limits = new Limits();

    private NginxImport(Path file) {
        Path parent = file.toAbsolutePath().normalize().getParent();
        this.folder = parent == null ? Path.of("/") : parent;
        this.directives = ConfigurationReader.read(file);
    }

    /**
     * Reads a whole configuration, or one file of {@code conf.d} or {@code sites-enabled}. Blocks.
     *
     * @throws ConfigurationException if it is none
     */
    public static Imported read(Path file) {
        return new NginxImport(file).translate(String.valueOf(file.getFileName()));
    }

    private Imported translate(String name) {
        Scope main = new Scope(null, directives, findings);
        Scope http = http(main);
        includes();
        upgradeMaps(http);
        limits.declare(http);
        http.own("upstream").forEach(upstream -> pools.declare(upstream, http));
        List<VirtualServer> servers = http.own("server").stream()
                .map(block -> VirtualServer.read(block, http))
                .toList();
        if (servers.isEmpty()) {
            throw new ConfigurationException(
                    name + ": no server block (expected: nginx.conf, or a file that it includes)");
        }
        Ports ports = Ports.choose(servers, findings);
        List<YamlMap> routes = new Routes(servers, ports, pools, limits, folder, findings).read();
        YamlMap listener = new ListenerSection(servers, ports, http).read(pools.listenerSection(), folder);
        main.value("worker_shutdown_timeout")
                .flatMap(Quantity::time)
                .ifPresent(time -> listener.put("stop-timeout", Quantity.shown(time)));
        YamlMap root = new YamlMap()
                .put("listener", listener)
                .putAlways("pools", pools.yaml())
                .put("rate-limits", limits.yaml())
                .putAlways("routes", routes)
                .put("access-log", new AccessLogSection(servers, http, folder).read());
        findings.sweep(directives);
        List<Finding> sorted = new ArrayList<>(findings.all());
        sorted.sort(Comparator.comparing(Finding::kind)
                .thenComparing(f -> f.directive().position().file())
                .thenComparing(f -> f.directive().position().line()));
        return new Imported(new Report(name, sorted).heading() + YamlText.of(root), sorted);
    }

    /** The block {@code http}, or all of a file that is meant to be included there. */
    private Scope http(Scope main) {
        List<Directive> blocks = main.own("http");
        if (blocks.isEmpty()) {
            return main;
        }
        findings.used(blocks.get(0));
        return main.inner(blocks.get(0));
    }

    /** Those that named no file. */
    private void includes() {
        directives.stream()
                .flatMap(Directive::withAllBelow)
                .filter(d -> d.is("include"))
                .forEach(include -> {
                    if (include.argument(0).matches(".*[*?\\[].*")) {
                        findings.notNeeded(include, "no file has such a name");
                    } else if (include.argument(0).endsWith("mime.types")) {
                        findings.notNeeded(include, "types of files are known");
                    } else {
                        findings.leftOut(include, "no such file");
                    }
                });
    }

    /** {@code map $http_upgrade $connection_upgrade}: what {@code upgrade: true} says. */
    private void upgradeMaps(Scope http) {
        for (Directive map : http.own("map")) {
            if (map.argument(0).equals("$http_upgrade")) {
                map.withAllBelow().forEach(findings::used);
            }
        }
    }

    /** The section {@code access-log}: one log for all routes. */
    private record AccessLogSection(List<VirtualServer> servers, Scope http, Path folder) {
        YamlMap read() {
            Optional<String> file = Optional.empty();
            for (VirtualServer server : servers) {
                for (Directive log : everywhere(server)) {
                    file = file.isPresent() ? compare(log, file.get()) : first(log);
                }
            }
            for (Directive format : http.takeOwn("log_format")) {
                http.findings().differs(format, "lines of the access log are JSON with fields of their own");
            }
            return new YamlMap()
                    .put("file", file.map(f -> folder.resolve(f).toString()).orElse(null));
        }

        private List<Directive> everywhere(VirtualServer server) {
            List<Directive> logs = new ArrayList<>(server.scope().takeAll("access_log"));
            server.block()
                    .withAllBelow()
                    .filter(d -> d.is("location"))
                    .forEach(location ->
                            logs.addAll(server.scope().inner(location).takeOwn("access_log")));
            return logs;
        }

        private Optional<String> first(Directive log) {
            String target = log.argument(0);
            http.findings().used(log);
            if (target.equals("off")) {
                return Optional.empty();
            }
            if (target.startsWith("syslog:") || target.contains("$") || target.startsWith("memory:")) {
                http.findings().leftOut(log, "the access log is a file, or lines of the program's own log");
                return Optional.empty();
            }
            log.arguments().stream()
                    .filter(a -> a.startsWith("if="))
                    .forEach(a -> http.findings()
                            .leftOut(log, a + ": every request of a route is logged, or none (access-log: false)"));
            return Optional.of(target);
        }

        private Optional<String> compare(Directive log, String file) {
            if (!log.argument(0).equals("off") && !log.argument(0).equals(file)) {
                http.findings().differs(log, "one access log for all, " + file + "; its lines name the route");
            }
            return Optional.of(file);
        }
    }
}
