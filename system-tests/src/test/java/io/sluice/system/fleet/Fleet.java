package io.sluice.system.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.PoolView;
import io.sluice.proxy.api.ProxyPaths;
import io.sluice.service.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Proxy, instances and engine as processes of their own, with one pool named {@value #POOL}. */
public final class Fleet implements AutoCloseable {
    public static final String POOL = "webhooks";
    public static final String WEBHOOK = "/webhook/test_webhook";

    private static final String TOKEN = "token-of-the-system-tests";
    private static final Duration START = Duration.ofSeconds(60);
    private static final Pattern NUMBER = Pattern.compile("\"n\":(\\d+)");

    private final Path folder;
    private final Http http = new Http(TOKEN);
    private final int trafficPort = freePort();
    private final int adminPort = freePort();
    private final int enginePort = freePort();
    private final List<Integer> instancePorts = new ArrayList<>();
    private final Map<String, ChildJvm> processes = new HashMap<>();

    private Fleet(Path folder, int instances) {
        this.folder = folder;
        for (int i = 0; i < instances; i++) {
            instancePorts.add(freePort());
        }
    }

    /** Starts all of it and waits until every instance is in service. */
    public static Fleet start(Path folder, int instances) {
        Fleet fleet = new Fleet(folder, instances);
        try {
            fleet.writeFiles();
            for (int i = 1; i <= instances; i++) {
                fleet.startInstance(i);
            }
            fleet.startProxy();
            fleet.startEngine();
            fleet.awaitInService(instances);
            fleet.awaitEngine();
            return fleet;
        } catch (RuntimeException | Error e) {
            fleet.close();
            throw e;
        }
    }

    public int trafficPort() {
        return trafficPort;
    }

    public String adminUrl() {
        return "http://127.0.0.1:" + adminPort;
    }

    public String engineUrl() {
        return "http://127.0.0.1:" + enginePort;
    }

    public String instanceUrl(int number) {
        return "http://127.0.0.1:" + instancePort(number);
    }

    public int instancePort(int number) {
        return instancePorts.get(number - 1);
    }

    public static String instanceId(int number) {
        return "webhook-" + number;
    }

    public Http http() {
        return http;
    }

    // Processes.

    public void startInstance(int number) {
        String id = instanceId(number);
        start(
                id,
                List.of(),
                List.of("webhook-instance"),
                Map.of(
                        "INSTANCE_ID", id,
                        "CONFIG_RELOAD_ADMIN_TOKEN", TOKEN,
                        "WEBHOOKS_CONFIG_FILE", folder.resolve("webhooks.json").toString(),
                        "CONNECTIONS_CONFIG_FILE",
                                folder.resolve("connections.json").toString(),
                        "SLUICE_INSTANCE_HOST", "127.0.0.1",
                        "SLUICE_INSTANCE_PORT", String.valueOf(instancePort(number)),
                        "SLUICE_INSTANCE_DATA", dataFolder(number).toString()));
    }

    public void startProxy() {
        start(
                "proxy",
                List.of(),
                List.of("proxy", folder.resolve("proxy.yaml").toString()),
                Map.of("SLUICE_PROXY_TOKEN", TOKEN));
    }

    /**
     * Starts a proxy that is to take the running one's place. It is called {@code name} until {@link #replaceProxy}.
     *
     * @param settings as from {@link #proxySettingsFile}
     */
    public ChildJvm startSuccessor(String name, Path settings) {
        start(
                name,
                List.of(),
                List.of("proxy", "--take-over", settings.toString()),
                Map.of("SLUICE_PROXY_TOKEN", TOKEN));
        return process(name);
    }

    /** From now on the process of that name is the proxy. */
    public void replaceProxy(String name) {
        processes.put("proxy", process(name));
    }

    public Path proxySettingsFile() {
        return folder.resolve("proxy.yaml");
    }

    /** What that process has printed so far. */
    public String output(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }

    public void startEngine(String... options) {
        start(
                "engine",
                List.of(options),
                List.of("rollout-engine", folder.resolve("rollout.yaml").toString()),
                Map.of("SLUICE_ROLLOUT_TOKEN", TOKEN, "SLUICE_PROXY_TOKEN", TOKEN, "CONFIG_RELOAD_ADMIN_TOKEN", TOKEN));
    }

    private void start(String name, List<String> options, List<String> arguments, Map<String, String> environment) {
        processes.put(name, ChildJvm.start(folder.resolve(name + ".log"), environment, options, arguments));
    }

    /** {@code proxy}, {@code engine} or an instance's id. */
    public ChildJvm process(String name) {
        ChildJvm process = processes.get(name);
        if (process == null) {
            throw new IllegalArgumentException(name + " was never started");
        }
        return process;
    }

    public Path dataFolder(int number) {
        return folder.resolve("data-" + instanceId(number));
    }

    /** The instance forgets everything, as on a new disk. */
    public void wipe(int number) {
        try (Stream<Path> files = Files.walk(dataFolder(number))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One JSON line for each request that the proxy finished. */
    public Path accessLog() {
        return folder.resolve("access.log");
    }

    // What they say.

    public PoolView pool() throws IOException, InterruptedException {
        Http.Reply reply = http.get(adminUrl() + ProxyPaths.pool(POOL));
        return Json.mapper().readValue(reply.text(), PoolView.class);
    }

    public BackendView backend(int number) throws IOException, InterruptedException {
        return pool().backends().stream()
                .filter(backend -> backend.id().equals(instanceId(number)))
                .findAny()
                .orElseThrow(() -> new AssertionError("the pool has no " + instanceId(number)));
    }

    public void awaitInService(int count) {
        Await.until(this::describePool, START, () -> pool().inService() == count);
    }

    private String describePool() {
        try {
            return pool() + process("proxy").tail();
        } catch (IOException e) {
            return e + process("proxy").tail();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return e.toString();
        }
    }

    public void awaitEngine() {
        Await.until(
                () -> "the engine is ready" + process("engine").tail(),
                START,
                () -> http.get(engineUrl() + "/readyz").status() == 200);
    }

    /** Changes the pool through the admin API; the answer must be a success. */
    public void change(String method, String path, @Nullable String body) throws IOException, InterruptedException {
        Http.Reply reply = http.send(method, adminUrl() + path, body);
        if (reply.status() >= 300) {
            throw new AssertionError(method + " " + path + " was answered " + reply);
        }
    }

    /** Patches the pool if it is still at {@code revision}; the answer must be a success. */
    public void changeIfMatch(String path, long revision, String body) throws IOException, InterruptedException {
        Http.Reply reply = http.send("PATCH", adminUrl() + path, body, "If-Match", "\"" + revision + "\"");
        if (reply.status() >= 300) {
            throw new AssertionError("PATCH " + path + " was answered " + reply);
        }
    }

    // Rollouts.

    /** A webhooks document that differs from every other {@code revision}'s. */
    public static String webhooks(String revision) {
        return "{\"test_webhook\":{\"description\":\"revision " + revision
                + "\",\"auth\":\"none\",\"module\":\"save_to_disk\",\"module-config\":{\"path\":\"out\"}}}";
    }

    public String submit(String webhooks) throws IOException, InterruptedException {
        Http.Reply reply = post(webhooks, "key-of-" + webhooks.hashCode());
        if (reply.status() != 202) {
            throw new AssertionError("rollout not accepted: " + reply);
        }
        return reply.json().get("id").asText();
    }

    /** The same key starts a rollout once, however often it is sent. */
    public Http.Reply post(String webhooks, String key) throws IOException, InterruptedException {
        String body = "{\"pool\":\"" + POOL + "\",\"type\":\"webhooks\",\"config\":" + webhooks
                + ",\"reason\":\"system test\"}";
        return http.send("POST", engineUrl() + "/v1/rollouts", body, "Idempotency-Key", key);
    }

    public JsonNode rollout(String id) throws IOException, InterruptedException {
        return http.get(engineUrl() + "/v1/rollouts/" + id).json();
    }

    /** The rollout once it is over. */
    public JsonNode awaitOver(String id, Duration deadline) throws IOException, InterruptedException {
        Await.until(
                () -> "rollout " + id + " is over" + process("engine").tail(),
                deadline,
                () -> rollout(id).get("finished").asBoolean());
        return rollout(id);
    }

    public String configHash(int number) throws IOException, InterruptedException {
        return http.get(instanceUrl(number) + "/admin/config-version")
                .json()
                .get("hash")
                .asText();
    }

    /** Numbers of all load requests that any instance has delivered. */
    public Set<Integer> delivered() throws IOException {
        Set<Integer> numbers = new TreeSet<>();
        for (int i = 1; i <= instancePorts.size(); i++) {
            if (Files.exists(dataFolder(i))) {
                collect(dataFolder(i), numbers);
            }
        }
        return numbers;
    }

    private static void collect(Path data, Set<Integer> numbers) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.filter(Fleet::isDelivered).toList()) {
                Matcher matcher = NUMBER.matcher(Files.readString(file));
                if (matcher.find()) {
                    numbers.add(Integer.valueOf(matcher.group(1)));
                }
            }
        }
    }

    private static boolean isDelivered(Path file) {
        Path parent = file.getParent();
        return parent != null
                && parent.endsWith("out")
                && !file.getFileName().toString().startsWith(".");
    }

    // Files.

    private void writeFiles() {
        try {
            Files.writeString(folder.resolve("webhooks.json"), webhooks("first"));
            Files.writeString(folder.resolve("connections.json"), "{}");
            Files.writeString(folder.resolve("proxy.yaml"), json(proxySettings()));
            Files.writeString(
                    folder.resolve("rollout.yaml"),
                    json(Map.of(
                            "listen", Map.of("host", "127.0.0.1", "port", enginePort),
                            "data", folder.resolve("data-engine").toString(),
                            "proxies", List.of(adminUrl()))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Object> proxySettings() {
        Map<String, Object> backends = new HashMap<>();
        for (int i = 1; i <= instancePorts.size(); i++) {
            backends.put(instanceId(i), Map.of("address", "127.0.0.1:" + instancePort(i), "admin-url", instanceUrl(i)));
        }
        Map<String, Object> health = Map.of("path", "/admin/health", "interval", "200ms", "timeout", "2s", "rise", 1);
        return Map.of(
                "listener", Map.of("host", "127.0.0.1", "port", trafficPort),
                "admin", Map.of("port", adminPort),
                "data", folder.resolve("data-proxy").toString(),
                "pools", Map.of(POOL, Map.of("health", health, "backends", backends)),
                "routes",
                        List.of(Map.of(
                                "name",
                                "webhook",
                                "path",
                                "/webhook/",
                                "pool",
                                POOL,
                                "retry",
                                Map.of("trust-not-accepted", true))),
                "access-log", Map.of("file", accessLog().toString()));
    }

    /** JSON is YAML too. */
    private static String json(Object settings) throws JsonProcessingException {
        return Json.mapper().writeValueAsString(settings);
    }

    /** A port of loopback that nobody had a moment ago. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        processes.values().forEach(ChildJvm::close);
    }
}
