package io.sluice.proxy;

import io.sluice.proxy.admin.Contract;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.PoolSnapshot;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A whole proxy with its settings file, and whoever operates it. May be started again after it was stopped. */
public final class FileProxy {
    /** Of the admin API. */
    public static final String TOKEN = "secret";

    private final Vertx vertx;
    private final WebClient client;
    private final Path folder;
    private final LongSupplier nanoTime;
    private @Nullable ProxyProgram program;
    private @Nullable Contract contract;

    /** @param folder for its file and its data */
    public FileProxy(Vertx vertx, Path folder) {
        this(vertx, folder, System::nanoTime);
    }

    FileProxy(Vertx vertx, Path folder, LongSupplier nanoTime) {
        this.vertx = vertx;
        this.client = WebClient.create(vertx);
        this.folder = folder;
        this.nanoTime = nanoTime;
    }

    /** Replaces its file. {@code rest} is what is to be there besides listener, admin API, data folder and no access log. */
    public void write(String rest) {
        write("", rest);
    }

    /** As {@link #write(String)}, with {@code listener} as more of that section, such as {@code event-loops: 1}. */
    public void write(String listener, String rest) {
        String text = """
                listener: { host: 127.0.0.1, port: 0, lame-duck: 0s, %s }
                admin: { host: 127.0.0.1, port: 0, token: %s }
                data: "%s"
                access-log: { on: false }
                """.formatted(listener, TOKEN, folder.resolve("data"));
        try {
            Path next = folder.resolve("next.yaml");
            Files.writeString(next, text + rest);
            Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on answers of its operations have to be as the contract says. */
    void judgedBy(Contract judge) {
        contract = judge;
    }

    public Path file() {
        return folder.resolve("proxy.yaml");
    }

    public void start() {
        ProxyProgram started = new ProxyProgram(
                vertx,
                vertx,
                ProxySettings.read(file(), Map.of()),
                () -> ProxySettings.read(file(), Map.of()),
                Succession.NONE,
                Clock.systemUTC(),
                nanoTime);
        Waiting.on(started.start());
        program = started;
    }

    public void stop() {
        Waiting.on(program().stop());
    }

    public ProxyProgram program() {
        return Objects.requireNonNull(program, "not started");
    }

    public int trafficPort() {
        return program().trafficPort();
    }

    public int adminPort() {
        return program().adminPort();
    }

    /** As an operator, whatever the revision. */
    public HttpResponse<Buffer> call(HttpMethod method, String path, @Nullable JsonObject body) {
        HttpRequest<Buffer> request = request(method, path).bearerTokenAuthentication(TOKEN);
        if (!path.startsWith("/v1/reload")) {
            request.putHeader("If-Match", "*");
        }
        return send(request, method, path, body);
    }

    public HttpResponse<Buffer> get(String path) {
        return call(HttpMethod.GET, path, null);
    }

    HttpResponse<Buffer> callAs(@Nullable String token, HttpMethod method, String path, @Nullable JsonObject body) {
        HttpRequest<Buffer> request = request(method, path);
        return send(token == null ? request : request.bearerTokenAuthentication(token), method, path, body);
    }

    /** Of the admin API, without a token. */
    public HttpRequest<Buffer> request(HttpMethod method, String path) {
        return client.request(method, adminPort(), "127.0.0.1", path);
    }

    private HttpResponse<Buffer> send(
            HttpRequest<Buffer> request, HttpMethod method, String path, @Nullable JsonObject body) {
        HttpResponse<Buffer> answer = Waiting.on(body == null ? request.send() : request.sendJsonObject(body));
        if (contract != null && contract.knows(method, path)) {
            contract.checkResponse(method, path, answer);
        }
        return answer;
    }

    PoolSnapshot pool(String name) {
        return program().pools().pool(name).orElseThrow().snapshot();
    }

    /** Waits until the pool has these backends, all of which may get requests, and no other. */
    void awaitInService(String pool, Collection<String> addresses) {
        Waiting.until("in service: " + addresses, () -> {
            List<Backend> now = pool(pool).backends();
            Set<String> there = now.stream().map(Backend::address).collect(Collectors.toSet());
            return now.stream().allMatch(Backend::isEligible) && there.equals(Set.copyOf(addresses));
        });
    }
}
