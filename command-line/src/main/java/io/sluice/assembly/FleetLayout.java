package io.sluice.assembly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sluice.proxy.ProxySettings;
import io.sluice.service.lifecycle.StartException;
import io.sluice.service.log.LogSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How the parts of a fleet on one machine are told about each other. The operator's files stay as they are: ports, folders and tokens
 * are given through the environment, which overrides them. Only the list of backends cannot be, so the proxy runs from a copy of its file
 * in which the list is that of the instances.
 */
public final class FleetLayout {
    /** Nothing but the traffic port is reached from other machines. */
    public static final String LOOPBACK = "127.0.0.1";

    private static final String POOL = "webhooks";
    private static final List<String> TOKENS =
            List.of("SLUICE_PROXY_TOKEN", "SLUICE_ROLLOUT_TOKEN", "CONFIG_RELOAD_ADMIN_TOKEN");

    private final Path config;
    private final DataFolder folder;
    private final FleetPorts ports;
    private final Map<String, String> environment;

    /**
     * @param config the folder with the operator's files
     * @param environment of this process; what it says about settings holds unless a flag says otherwise, but not its tokens
     */
    public FleetLayout(
            Path config, DataFolder folder, FleetPorts ports, Map<String, String> environment, LogSettings log) {
        this.config = config;
        this.folder = folder;
        this.ports = ports;
        this.environment = new HashMap<>(environment);
        for (String token : TOKENS) {
            this.environment.remove(token);
            this.environment.put(token + "_FILE", folder.tokenFile().toString());
        }
        for (String prefix : List.of("SLUICE_PROXY", "SLUICE_ROLLOUT", "SLUICE_INSTANCE")) {
            this.environment.put(prefix + "_LOG_FORMAT", log.format().name().toLowerCase(Locale.ROOT));
            this.environment.put(prefix + "_LOG_LEVEL", log.level().name().toLowerCase(Locale.ROOT));
        }
    }

    /** Where everything will listen. */
    public Addresses addresses() {
        return new Addresses(
                url(ports.traffic()),
                url(ports.proxyAdmin()),
                url(ports.engine()),
                IntStream.rangeClosed(1, ports.instances())
                        .mapToObj(i -> new Addresses.Instance(instanceName(i), url(ports.instance(i))))
                        .toList());
    }

    /**
     * The address on which the proxy takes traffic. Blocks.
     *
     * @throws io.sluice.service.settings.InvalidSettingsException when the proxy's file cannot be used as it is
     */
    public String trafficHost() {
        Path file = PartKind.PROXY.defaultSettings(config);
        return ProxySettings.read(file, environment).listener().host();
    }

    /** In the order in which they start: who is called before who calls. Blocks: it writes the proxy's settings. */
    public List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        for (int i = 1; i <= ports.instances(); i++) {
            parts.add(instance(i));
        }
        parts.add(proxy());
        parts.add(engine());
        return parts;
    }

    private Part instance(int number) {
        String name = instanceName(number);
        return part(
                name,
                PartKind.WEBHOOK_INSTANCE,
                PartKind.WEBHOOK_INSTANCE.defaultSettings(config),
                Map.of(
                        "INSTANCE_ID", name,
                        "SLUICE_INSTANCE_HOST", LOOPBACK,
                        "SLUICE_INSTANCE_PORT", Integer.toString(ports.instance(number)),
                        "SLUICE_INSTANCE_DATA", folder.part(name).toString(),
                        // The proxy has stopped before any instance does, so nobody needs the time to notice.
                        "SLUICE_INSTANCE_DRAIN_SHUTDOWN_GRACE", "0s",
                        "WEBHOOKS_CONFIG_FILE", config.resolve("webhooks.json").toString(),
                        "CONNECTIONS_CONFIG_FILE",
                                config.resolve("connections.json").toString()));
    }

    private Part proxy() {
        Path settings = folder.settings("proxy");
        String accessLog = folder.root().resolve("access.log").toString();
        folder.write(settings, withInstances(PartKind.PROXY.defaultSettings(config)));
        return part(
                "proxy",
                PartKind.PROXY,
                settings,
                Map.of(
                        "SLUICE_PROXY_LISTENER_PORT", Integer.toString(ports.traffic()),
                        "SLUICE_PROXY_ADMIN_HOST", LOOPBACK,
                        "SLUICE_PROXY_ADMIN_PORT", Integer.toString(ports.proxyAdmin()),
                        "SLUICE_PROXY_DATA", folder.part("proxy").toString(),
                        // One line a request would drown what the console is for.
                        "SLUICE_PROXY_ACCESS_LOG_FILE",
                                environment.getOrDefault("SLUICE_PROXY_ACCESS_LOG_FILE", accessLog)));
    }

    private Part engine() {
        return part(
                "rollout-engine",
                PartKind.ROLLOUT_ENGINE,
                PartKind.ROLLOUT_ENGINE.defaultSettings(config),
                Map.of(
                        "SLUICE_ROLLOUT_LISTEN_HOST", LOOPBACK,
                        "SLUICE_ROLLOUT_LISTEN_PORT", Integer.toString(ports.engine()),
                        "SLUICE_ROLLOUT_PROXIES", url(ports.proxyAdmin()),
                        "SLUICE_ROLLOUT_DATA", folder.part("rollout-engine").toString()));
    }

    private Part part(String name, PartKind kind, Path settings, Map<String, String> own) {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(own);
        return new Part(name, kind, settings, all);
    }

    /** The proxy's file with our instances as the backends of its pool. */
    private String withInstances(Path file) {
        YAMLMapper yaml = new YAMLMapper();
        try {
            JsonNode document = yaml.readTree(file.toFile());
            if (!(document.path("pools").path(POOL) instanceof ObjectNode pool)) {
                throw new StartException(
                        file + ": pools." + POOL + " is missing (expected: the pool of the instances)");
            }
            ObjectNode backends = pool.putObject("backends");
            for (int i = 1; i <= ports.instances(); i++) {
                backends.putObject(instanceName(i))
                        .put("address", LOOPBACK + ":" + ports.instance(i))
                        .put("admin-url", url(ports.instance(i)));
            }
            return yaml.writeValueAsString(document);
        } catch (IOException e) {
            throw new StartException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String instanceName(int number) {
        return "webhook-" + number;
    }

    private static String url(int port) {
        return "http://" + LOOPBACK + ":" + port;
    }
}
