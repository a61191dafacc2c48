package io.sluice.cli;

import io.sluice.assembly.Part;
import io.sluice.assembly.PartKind;
import io.sluice.assembly.Programs;
import io.sluice.proxy.Succession;
import io.sluice.service.json.Json;
import io.sluice.service.lifecycle.Component;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * Starts a proxy, sends a request through it and stops it: the launcher has the JVM write down the classes that this takes, so that later starts need not
 * read and check them again.
 */
@Command(name = "rehearse", hidden = true)
final class RehearseCommand implements Callable<Integer> {
    private static final long DEADLINE_SECONDS = 60;
    private static final String LOOPBACK = "127.0.0.1";

    private final CommandContext context;

    RehearseCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("sluice-rehearsal");
        Vertx vertx = Vertx.vertx();
        try {
            int backend = await(vertx.createHttpServer()
                            .requestHandler(request -> request.response().end("ok"))
                            .listen(0, LOOPBACK))
                    .actualPort();
            int port = freePort();
            Part part = new Part("proxy", PartKind.PROXY, settings(folder, port, backend), Map.of());
            Component proxy = new Programs(Clock.systemUTC(), context.nanoTime())
                    .proxy(part, new Succession(false, () -> {}))
                    .component();
            await(proxy.start());
            HttpClient client = vertx.createHttpClient();
            int status = await(client.request(HttpMethod.POST, port, LOOPBACK, "/")
                    .compose(request -> request.send("x"))
                    .map(response -> response.statusCode()));
            await(client.close());
            await(proxy.stop());
            return status == 200 ? ExitCode.OK : ExitCode.FAILED;
        } finally {
            await(vertx.close());
            delete(folder);
        }
    }

    private static Path settings(Path folder, int port, int backend) throws IOException {
        Map<String, Object> settings = Map.of(
                "listener", Map.of("host", LOOPBACK, "port", port),
                "admin", Map.of("port", freePort()),
                "data", folder.resolve("data").toString(),
                "pools",
                        Map.of(
                                "p",
                                Map.of(
                                        "health", Map.of("path", "/"),
                                        "backends", Map.of("b", Map.of("address", LOOPBACK + ":" + backend)))),
                "routes", List.of(Map.of("name", "all", "path", "/", "pool", "p")),
                "access-log", Map.of("file", folder.resolve("access.log").toString()));
        // JSON is YAML too.
        return Files.write(folder.resolve("proxy.yaml"), Json.writeBytes(settings));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.delete(file);
        }
    }
}
