package io.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.service.json.Json;
import io.sluice.system.fleet.Await;
import io.sluice.system.fleet.ChildJvm;
import io.sluice.system.fleet.Fleet;
import io.sluice.system.fleet.Http;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** {@code docker-compose.yml}, with a process in place of each container: same command, same environment, other paths and ports. */
class ComposeFileIT {
    private static final String FILE = "docker-compose.yml";
    private static final Duration SOON = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private final Map<String, ChildJvm> containers = new LinkedHashMap<>();
    private final Map<String, Integer> ports = new HashMap<>();
    private JsonNode services = Json.mapper().createObjectNode();

    @BeforeEach
    void read() throws IOException {
        // Maven runs the tests in the module's folder.
        Path file = Files.exists(Path.of(FILE))
                ? Path.of(FILE).toAbsolutePath()
                : Path.of("..", FILE).toAbsolutePath();
        try (Reader reader = Files.newBufferedReader(file)) {
            // Only this parser knows the merge keys that the file uses.
            Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(reader);
            services = Json.mapper().valueToTree(document).get("services");
        }
        Path config = Files.createDirectories(folder.resolve("etc"));
        try (Stream<Path> files = Files.list(file.resolveSibling("config"))) {
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                Files.copy(each, config.resolve(each.getFileName().toString()));
            }
        }
        Files.createDirectories(folder.resolve("secrets"));
        for (String secret : List.of("proxy-token", "rollout-token", "instance-token")) {
            Files.writeString(folder.resolve("secrets").resolve(secret), "the-" + secret + "\n");
        }
    }

    @AfterEach
    void stop() {
        containers.values().forEach(ChildJvm::close);
    }

    @Test
    void noContainerHasRightsAndNothingButPort80IsPublic() {
        assertThat(services).hasSize(7);
        services.forEach(service -> {
            assertThat(service.get("user").asText()).isEqualTo("10001");
            assertThat(service.get("read_only").asBoolean()).isTrue();
            assertThat(service.get("cap_drop").toString()).isEqualTo("[\"ALL\"]");
            assertThat(service.get("healthcheck").get("test").get(1).asText()).isEqualTo("/app/healthcheck");
            service.path("ports")
                    .forEach(port -> assertThat(port.asText())
                            .matches(published -> published.equals("80:80") || published.startsWith("127.0.0.1:")));
            service.get("environment").fields().forEachRemaining(variable -> {
                if (variable.getKey().contains("TOKEN")) {
                    assertThat(variable.getKey()).endsWith("_FILE");
                }
            });
        });
    }

    @Test
    void everyServiceTurnsHealthyAndTogetherTheyRollOut() throws Exception {
        services.fieldNames().forEachRemaining(this::assignPorts);
        rewriteAddresses();
        services.fields().forEachRemaining(service -> start(service.getKey(), service.getValue()));
        services.fields().forEachRemaining(service -> awaitHealthy(service.getKey(), service.getValue()));

        Http anybody = new Http(null);
        String hook = "http://127.0.0.1:" + ports.get("proxy") + "/webhook/test_webhook";
        Await.until(
                () -> "a webhook is accepted" + output("proxy"),
                SOON,
                () -> anybody.send("POST", hook, "{\"n\":1}").status() == 202);

        Http operator = new Http("the-rollout-token");
        String rollouts = "http://127.0.0.1:" + ports.get("rollout") + "/v1/rollouts";
        Http.Reply submitted = operator.send(
                "POST",
                rollouts,
                "{\"type\":\"webhooks\",\"config\":{\"test_webhook\":{\"module\":\"log\",\"auth\":\"none\"}}}");
        assertThat(submitted.status()).as(submitted.text()).isEqualTo(202);
        String rollout = rollouts + "/" + submitted.json().get("id").asText();
        Await.until(
                () -> "the rollout is over" + output("rollout"),
                SOON,
                () -> operator.get(rollout).json().get("finished").asBoolean());
        assertThat(operator.get(rollout).json().get("phase").asText()).isEqualTo("SUCCEEDED");
    }

    private void assignPorts(String service) {
        ports.put(service, Fleet.freePort());
        ports.put(service + "-admin", Fleet.freePort());
    }

    /** What the containers' network and its names do. */
    private void rewriteAddresses() throws IOException {
        Path file = folder.resolve("etc/proxy.yaml");
        Files.writeString(file, local(Files.readString(file)));
    }

    private String local(String text) {
        String result =
                text.replace("0.0.0.0", "127.0.0.1").replace("proxy:9500", "127.0.0.1:" + ports.get("proxy-admin"));
        for (int i = 1; i <= 5; i++) {
            result = result.replace("webhook-" + i + ":8000", "127.0.0.1:" + ports.get("webhook-" + i));
        }
        return result.replace("/etc/sluice/", folder.resolve("etc") + "/")
                .replace("/run/secrets/", folder.resolve("secrets") + "/");
    }

    private void start(String name, JsonNode service) {
        Map<String, String> environment = new HashMap<>();
        service.get("environment")
                .fields()
                .forEachRemaining(variable -> environment.put(
                        variable.getKey(), local(variable.getValue().asText())));
        environment.replaceAll((key, value) ->
                key.endsWith("_DATA") ? folder.resolve("data-" + name).toString() : value);
        switch (name) {
            case "proxy" -> {
                environment.put("SLUICE_PROXY_LISTENER_HOST", "127.0.0.1");
                environment.put("SLUICE_PROXY_LISTENER_PORT", String.valueOf(ports.get(name)));
                environment.put("SLUICE_PROXY_ADMIN_PORT", String.valueOf(ports.get("proxy-admin")));
            }
            case "rollout" -> environment.put("SLUICE_ROLLOUT_LISTEN_PORT", String.valueOf(ports.get(name)));
            default -> environment.put("SLUICE_INSTANCE_PORT", String.valueOf(ports.get(name)));
        }
        List<String> command = new ArrayList<>();
        service.get("command").forEach(word -> command.add(local(word.asText())));
        containers.put(name, ChildJvm.start(folder.resolve(name + ".log"), environment, List.of(), command));
    }

    private void awaitHealthy(String name, JsonNode service) {
        String path = service.get("healthcheck").get("test").get(3).asText();
        Await.until(
                () -> name + " is healthy" + output(name),
                SOON,
                () -> new Http(null)
                                .get("http://127.0.0.1:" + ports.get(name) + path)
                                .status()
                        == 200);
    }

    private String output(String name) {
        ChildJvm container = containers.get(name);
        return container == null ? "" : container.tail();
    }
}
