package io.sluice.proxy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.pool.ChangeRefusedException;
import io.sluice.proxy.pool.ChangeRefusedException.Detail;
import io.sluice.proxy.pool.Document;
import io.sluice.proxy.pool.FileContents;
import io.sluice.proxy.pool.Interpreter;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Refusal;
import io.sluice.proxy.pool.RoutesState;
import io.sluice.proxy.pool.Structure;
import io.sluice.proxy.route.RateLimitZone;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.SettingProblem;
import io.sluice.service.settings.SettingsDocument;
import io.sluice.service.settings.SettingsReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents of pools and routes with the readers of the settings file, so that both know the same keys and say the same of mistakes. What
 * stands in the file word for word is taken from its own reading.
 */
final class ProxyInterpreter implements Interpreter {
    /** Keys of documents are not overridden: that was done when the file was read. */
    private static final String NO_PREFIX = "-";

    private final LiveStructure live;
    /** Readings of the file that were offered and neither taken in nor refused yet. */
    private final Map<FileContents, SettingsSide> offered = new ConcurrentHashMap<>();

    private volatile SettingsSide file;
    private volatile @Nullable PreparedStructure lastPrepared;

    ProxyInterpreter(ProxySettings settings, LiveStructure live) {
        this.file = new SettingsSide(settings);
        this.live = live;
    }

    /** The reading of the file that was taken in last. */
    SettingsSide file() {
        return file;
    }

    /** What {@link #prepare} gave last. */
    PreparedStructure lastPrepared() {
        return Objects.requireNonNull(lastPrepared);
    }

    /** Makes a reading of the file known before it is asked to be taken in. */
    void offer(SettingsSide side) {
        offered.put(side.contents(), side);
    }

    void withdraw(SettingsSide side) {
        offered.remove(side.contents(), side);
    }

    @Override
    public PoolSettings pool(String name, ObjectNode document) {
        if (document.path("sticky").has("secret")) {
            throw new ChangeRefusedException(
                    Refusal.INVALID,
                    List.of(
                            new Detail(
                                    "/sticky/secret",
                                    "sticky.secret (expected: secret-file, or the settings file: secrets are not taken here)")));
        }
        return readPool(name, document, "", file).pool();
    }

    @Override
    public Prepared prepare(Structure next, @Nullable FileContents taken) {
        SettingsSide side = taken == null ? file : Objects.requireNonNullElse(offered.get(taken), file);
        List<Detail> problems = new ArrayList<>();
        Map<String, ConfiguredPool> pools = new LinkedHashMap<>();
        for (Document document : next.pools()) {
            try {
                pools.put(document.name(), pool(document, side).withoutBackends());
            } catch (ChangeRefusedException e) {
                problems.addAll(e.details());
            }
        }
        List<String> names = next.pools().stream().map(Document::name).toList();
        List<RouteSettings> routes = List.of();
        try {
            routes = routes(next.routes(), names, side);
        } catch (InvalidSettingsException e) {
            problems.addAll(details(e, ""));
        }
        if (!problems.isEmpty()) {
            throw new ChangeRefusedException(Refusal.INVALID, problems);
        }
        live.getReady(pools.values());
        PreparedStructure prepared = new PreparedStructure(pools, routes, live, () -> file = side);
        lastPrepared = prepared;
        return prepared;
    }

    private ConfiguredPool pool(Document document, SettingsSide side) {
        return side.pool(document)
                .orElseGet(() -> readPool(document.name(), document.settings(), "/pools/" + document.name(), side));
    }

    private ConfiguredPool readPool(String name, ObjectNode document, String pointer, SettingsSide side) {
        ObjectNode whole = document.deepCopy();
        String secret = side.cookieSecret(name);
        if (secret != null && whole.get("sticky") instanceof ObjectNode sticky && !sticky.has("secret-file")) {
            sticky.put("secret", secret);
        }
        try {
            SettingsDocument read = SettingsDocument.of(name, whole, side.folder(), side.secrets(), NO_PREFIX);
            ConfiguredPool pool = ConfiguredPool.read(name, read.root());
            read.finish();
            return pool;
        } catch (InvalidSettingsException e) {
            throw new ChangeRefusedException(Refusal.INVALID, details(e, pointer));
        }
    }

    private List<RouteSettings> routes(RoutesState state, List<String> pools, SettingsSide side) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.set("rate-limits", state.rateLimits());
        ArrayNode list = root.putArray("routes");
        List<@Nullable RouteSettings> known = new ArrayList<>();
        for (Document document : state.routes()) {
            RouteSettings inFile = side.route(document, state).orElse(null);
            known.add(inFile);
            list.add(inFile == null ? document.settings() : JsonNodeFactory.instance.objectNode());
        }
        SettingsDocument read = SettingsDocument.of("routes", root, side.folder(), Map.of(), NO_PREFIX);
        Map<String, RateLimitZone> zones = ProxySettings.rateLimits(read.root());
        RouteChecks checks = new RouteChecks(pools);
        List<RouteSettings> routes = new ArrayList<>();
        List<SettingsReader> readers = read.root().items("routes");
        for (int i = 0; i < readers.size(); i++) {
            RouteSettings route = known.get(i) == null ? RouteSettings.read(readers.get(i), zones) : known.get(i);
            checks.check(readers.get(i), route);
            routes.add(route);
        }
        read.finish();
        return routes;
    }

    private static List<Detail> details(InvalidSettingsException invalid, String pointer) {
        return invalid.problems().stream()
                .map(problem -> new Detail(pointer + pointer(problem), text(problem)))
                .toList();
    }

    /** {@code routes[2].retry.tries} as a JSON Pointer. */
    static String pointer(SettingProblem problem) {
        String key = problem.key();
        return key.isEmpty() ? "" : "/" + key.replace("[", "/").replace("]", "").replace(".", "/");
    }

    /** Without the place in a list, which the pointer names. */
    private static String text(SettingProblem problem) {
        String key = problem.key().replaceFirst("^routes\\[[0-9]+]\\.?", "");
        String message = new SettingProblem("", key, problem.value(), problem.expectation(), problem.hint()).message();
        return message.replaceFirst("^: ", "");
    }

    @Override
    public List<String> routesTo(String pool, RoutesState routes) {
        return routes.routes().stream()
                .filter(route -> leadsTo(route, routes, pool))
                .map(Document::name)
                .toList();
    }

    private boolean leadsTo(Document document, RoutesState routes, String pool) {
        return file.route(document, routes)
                .map(route ->
                        route.pool().equals(pool) || route.rules().fallback().equals(pool))
                .orElseGet(() -> document.settings().path("pool").asText().equals(pool)
                        || document.settings().path("fallback").asText().equals(pool));
    }
}
