package io.sluice.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The dependency rules of ARCHITECTURE.md, over the classes of every module. */
class ArchitectureTest {
    private static final String ROOT = "io.sluice";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @TestFactory
    Stream<DynamicTest> programsDependOnServicesAndContractsNeverOnEachOther() {
        return checks(
                programIgnores("proxy", "io.sluice.instance..", "io.sluice.rollout.."),
                programIgnores("instance", "io.sluice.proxy..", "io.sluice.rollout.."),
                noClasses()
                        .that()
                        .resideInAPackage("io.sluice.rollout..")
                        .should()
                        .dependOnClassesThat(inPackageButNotContract("io.sluice.proxy", "io.sluice.instance")),
                noClasses()
                        .that()
                        .resideInAnyPackage(
                                "io.sluice.service..",
                                "io.sluice.journal..",
                                "io.sluice.proxy.api..",
                                "io.sluice.instance.api..")
                        .should()
                        .dependOnClassesThat(
                                inPackageButNotContract("io.sluice.proxy", "io.sluice.instance", "io.sluice.rollout")));
    }

    @TestFactory
    Stream<DynamicTest> coresArePlainJava() {
        return checks(noClasses()
                .that()
                .resideInAnyPackage(
                        "io.sluice.journal..",
                        "io.sluice.proxy.pool..",
                        "io.sluice.proxy.balance..",
                        "io.sluice.rollout.engine..",
                        "io.sluice.rollout.plan..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx..", "io.netty.."));
    }

    @TestFactory
    Stream<DynamicTest> proxyPackagesDependDownwardsOnly() {
        return checks(
                layerIgnores("pool", "balance", "health", "route", "http1", "forward", "listener", "admin"),
                layerIgnores("http1", "pool", "balance", "health", "route", "forward", "listener", "admin"),
                layerIgnores("balance", "health", "route", "forward", "listener", "admin"),
                layerIgnores("health", "route", "forward", "listener", "admin"),
                layerIgnores("discovery", "balance", "health", "route", "forward", "listener", "admin"),
                layerIgnores("route", "forward", "listener", "admin"),
                layerIgnores("forward", "listener", "admin"));
    }

    @TestFactory
    Stream<DynamicTest> packagesHaveNoCycles() {
        return Stream.of("io.sluice.service", "io.sluice.proxy", "io.sluice.instance", "io.sluice.rollout", ROOT)
                .map(base -> slices().matching(base + ".(*)..").should().beFreeOfCycles())
                .flatMap(ArchitectureTest::checks);
    }

    @TestFactory
    Stream<DynamicTest> codeKeepsOffWhatItMustNotUse() {
        return checks(
                // ADR 4: the traffic path, and nothing else, handles channels itself.
                noClasses()
                        .that()
                        .resideOutsideOfPackages(
                                "io.sluice.proxy.http1..",
                                "io.sluice.proxy.forward..",
                                "io.sluice.proxy.listener..",
                                "io.sluice.proxy.tls..",
                                // Vert.x' DNS client tells no time to live and does not ask again by TCP.
                                "io.sluice.proxy.discovery..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("io.netty.."),
                noClasses()
                        .that()
                        .resideOutsideOfPackage("io.sluice.proxy.listener..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("io.vertx.core.internal.."),
                noClasses().should().dependOnClassesThat().resideInAnyPackage("io.vertx.core.impl.."),
                noClasses().should().haveNameMatching(".*(Utils?|Helper|Manager|Impl|Base)"),
                noClasses().should().callMethod(Thread.class, "sleep", long.class),
                noClasses()
                        .should()
                        .callMethodWhere(target(nameMatching("await"))
                                .and(target(owner(JavaClass.Predicates.assignableTo(Future.class))))),
                noClasses()
                        .that()
                        .resideInAnyPackage(
                                "..forward..",
                                "..listener..",
                                "..health..",
                                "..balance..",
                                "..receive..",
                                "..admin..",
                                "..api..",
                                "..driver..")
                        .should()
                        .callMethodWhere(target(nameMatching("join|get"))
                                .and(target(owner(JavaClass.Predicates.assignableTo(CompletableFuture.class))))),
                noClasses()
                        .should()
                        .callMethod(System.class, "nanoTime")
                        .orShould()
                        .callMethod(System.class, "currentTimeMillis")
                        .orShould()
                        .callMethod(Instant.class, "now"));
    }

    @Test
    void everyPackageIsNullMarked() {
        Set<JavaPackage> unmarked = CLASSES.getPackage(ROOT).getSubpackagesInTree().stream()
                .filter(p -> !p.getClasses().isEmpty())
                .filter(p -> !p.isAnnotatedWith(NullMarked.class))
                .collect(Collectors.toSet());
        assertThat(unmarked).isEmpty();
    }

    private static ArchRule programIgnores(String program, String... others) {
        return noClasses()
                .that()
                .resideInAPackage(ROOT + "." + program + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others);
    }

    private static ArchRule layerIgnores(String layer, String... above) {
        String[] packages =
                Arrays.stream(above).map(a -> ROOT + ".proxy." + a + "..").toArray(String[]::new);
        return noClasses()
                .that()
                .resideInAPackage(ROOT + ".proxy." + layer + "..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages)
                .allowEmptyShould(true);
    }

    private static DescribedPredicate<JavaClass> inPackageButNotContract(String... packages) {
        return DescribedPredicate.describe(
                "are inside a program, not its contract",
                type -> Arrays.stream(packages)
                        .anyMatch(p -> type.getPackageName().startsWith(p)
                                && !type.getPackageName().startsWith(p + ".api")));
    }

    private static Stream<DynamicTest> checks(ArchRule... rules) {
        return Stream.of(rules).map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(CLASSES)));
    }
}
