package io.sluice.instance;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.instance.configuration.SeedFiles;
import io.sluice.service.json.Json;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** An instance on a free port of loopback, for tests, with a client for it. JSON is written with single quotes. */
final class RunningInstance implements AutoCloseable {
    static final String TOKEN = "t0ken";

    private final Vertx vertx = Vertx.vertx();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final InstanceProgram program;

    private RunningInstance(InstanceSettings settings) {
        this.program = new InstanceProgram(vertx, settings, Map.of(), Clock.systemUTC(), System::nanoTime);
    }

    static InstanceSettings settings(Path folder) {
        SeedFiles seeds = new SeedFiles(folder.resolve("webhooks.json"), folder.resolve("connections.json"));
        return InstanceSettings.loopback("webhook-1", 0, folder.resolve("data"), seeds, Secret.of(TOKEN))
                .withDrain(new DrainSettings(Duration.ofMillis(50), Duration.ZERO, Duration.ofSeconds(10)));
    }

    static void seed(Path folder, String webhooks) throws IOException {
        Files.writeString(folder.resolve("webhooks.json"), webhooks.replace('\'', '"'));
    }

    static RunningInstance start(Path folder) {
        return start(folder, settings -> settings);
    }

    static RunningInstance start(Path folder, UnaryOperator<InstanceSettings> change) {
        RunningInstance instance = new RunningInstance(change.apply(settings(folder)));
        try {
            await(instance.program.start());
        } catch (RuntimeException e) {
            await(instance.vertx.close());
            throw e;
        }
        return instance;
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
        }
    }

    int port() {
        return program.port();
    }

    Future<Void> stop() {
        return program.stop();
    }

    @Override
    public void close() {
        await(program.stop());
        await(vertx.close());
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
    }

    Answer send(HttpRequest.Builder request) {
        try {
            return new Answer(client.send(request.build(), BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Answer get(String path) {
        return send(request(path));
    }

    /** With the token. */
    Answer getAs(String path) {
        return send(request(path).header("Authorization", "Bearer " + TOKEN));
    }

    /** With the token. */
    Answer postAs(String path, String json) {
        return send(post(path, json).header("Authorization", "Bearer " + TOKEN));
    }

    HttpRequest.Builder post(String path, String json) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json.replace('\'', '"'), StandardCharsets.UTF_8));
    }

    record Answer(HttpResponse<String> response) {
        int status() {
            return response.statusCode();
        }

        JsonNode json() {
            try {
                return Json.mapper().readTree(response.body());
            } catch (IOException e) {
                throw new IllegalStateException(response.body(), e);
            }
        }

        String text(String key) {
            return json().path(key).asText();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }
}
