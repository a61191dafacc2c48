/**
 * What an instance's admin API speaks: paths, headers, records (snake_case JSON) and the canonical hash by which configurations are
 * known everywhere. Shared by the instance and by everything that calls it.
 */
@NullMarked
package io.sluice.instance.api;

import org.jspecify.annotations.NullMarked;
