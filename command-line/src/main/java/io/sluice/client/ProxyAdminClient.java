package io.sluice.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.HoldRequest;
import io.sluice.proxy.api.PoolList;
import io.sluice.proxy.api.PoolView;
import io.sluice.proxy.api.ProbeRequest;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.api.ProxyPaths;
import io.sluice.proxy.api.ReloadResult;
import io.sluice.service.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The proxy's admin API. */
public final class ProxyAdminClient {
    private static final Duration WAIT = Duration.ofSeconds(20);

    private final ApiClient api;

    public ProxyAdminClient(ApiClient api) {
        this.api = api;
    }

    public ApiClient api() {
        return api;
    }

    /** A backend with the pool it is in. */
    public record Located(PoolView pool, BackendView backend) {}

    public List<PoolView> pools() {
        return read(api.get(ProxyPaths.POOLS), PoolList.class).pools();
    }

    /** The pools as they were sent. */
    public JsonNode poolsJson() {
        return api.get(ProxyPaths.POOLS).json();
    }

    /** The backend of this id, in whichever pool it is. */
    public Optional<Located> find(String backend) {
        return pools().stream()
                .flatMap(pool -> pool.backends().stream()
                        .filter(b -> b.id().equals(backend))
                        .map(b -> new Located(pool, b)))
                .findFirst();
    }

    /** Places a hold; the answer is the drain it began or joined. */
    public DrainOperation hold(String pool, String backend, String hold, HoldRequest request) {
        Reply reply = api.call("PUT", ProxyPaths.hold(pool, backend, hold), request, Map.of())
                .orThrow();
        return read(reply, DrainOperation.class);
    }

    public void release(String pool, String backend, String hold) {
        api.call("DELETE", ProxyPaths.hold(pool, backend, hold), null, Map.of()).orThrow();
    }

    /** The drain after it ended or {@code wait} is over, whichever is first. */
    public DrainOperation operation(String id) {
        String path = ProxyPaths.operation(id) + "?wait=" + WAIT.toSeconds() + "s";
        Reply reply =
                api.call("GET", path, null, Map.of(), WAIT.plusSeconds(10)).orThrow();
        return read(reply, DrainOperation.class);
    }

    /**
     * Has the settings file read again.
     *
     * @param prefer {@code file}, {@code live}, or empty for neither
     */
    public ReloadResult reload(String prefer, boolean dryRun) {
        String query = "?dry-run=" + dryRun + (prefer.isEmpty() ? "" : "&prefer=" + prefer);
        Reply reply =
                api.call("POST", ProxyPaths.RELOAD + query, null, Map.of()).orThrow();
        return read(reply, ReloadResult.class);
    }

    /** One request over the data path to this backend. */
    public ProbeResult probe(String pool, String backend) {
        Reply reply = api.call("POST", ProxyPaths.probes(pool, backend), new ProbeRequest(null), Map.of())
                .orThrow();
        return read(reply, ProbeResult.class);
    }

    private static <T> T read(Reply reply, Class<T> type) {
        return Json.read(reply.text().getBytes(StandardCharsets.UTF_8), type);
    }
}
