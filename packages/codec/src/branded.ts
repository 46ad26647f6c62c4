declare const brand: unique symbol

/** A value that only one function of this package can make, so holding it proves that it was checked. */
export type Branded<T, B extends string> = T & { readonly [brand]: B }
