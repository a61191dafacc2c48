package io.sluice.nginx;

import io.sluice.nginx.syntax.ConfigurationException;
import io.sluice.nginx.syntax.ConfigurationReader;
import io.sluice.nginx.syntax.Directive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

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
}
