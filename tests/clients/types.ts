// What the types of generated queries accept, and what they refuse: a line that should be an error
// and is none is itself an error.
import type { ResultOf, VariablesOf } from "@graphql-typed-document-node/core";
import { GuideQuery } from "./guide";
import { SaveMutation, ToolsQuery } from "./operations";

type Guide = NonNullable<ResultOf<typeof GuideQuery>["guide"]>;
declare const guide: Guide;
declare const result: ResultOf<typeof GuideQuery>;

export const title: string = guide.title;
export const address: string | null = guide.jobsUrl;
export const time: string = guide.updatedAt;
export const minimum: number = guide.salaryRanges[0]!.minimum;
export const currency: string = guide.salaryRanges[0]!.currency;
export const level: "JUNIOR" | "MID" | "SENIOR" | "LEAD" = guide.salaryRanges[0]!.level;
// @ts-expect-error  The guide is null if there is none.
export const unchecked: string = result.guide.title;
// @ts-expect-error  The address is null if none is known.
export const noAddress: string = guide.jobsUrl;
// @ts-expect-error  A time is a text.
export const wrongTime: number = guide.updatedAt;
// @ts-expect-error  A currency is a text.
export const wrongCurrency: number = guide.salaryRanges[0]!.currency;
// @ts-expect-error  There is no such level.
export const wrongLevel: "JUNIOR" = guide.salaryRanges[0]!.level;
// @ts-expect-error  It was not asked for.
guide.subtitle;

export const variables: VariablesOf<typeof GuideQuery>[] = [
  { slug: "belgium" },
  { slug: "belgium", locale: "nl" },
  { slug: "belgium", locale: null },
  // @ts-expect-error  The slug is required.
  { locale: "nl" },
  // @ts-expect-error  A locale is a text.
  { slug: "belgium", locale: 1 },
];

export const documents: VariablesOf<typeof SaveMutation>[] = [
  { document: { slug: "belgium", title: { en: "Belgium", nl: "België", fr: null } } },
  // @ts-expect-error  A document has a slug.
  { document: { title: { en: "Belgium" } } },
  // @ts-expect-error  A text has a locale.
  { document: { slug: "belgium", title: "Belgium" } },
  // @ts-expect-error  There is no such field.
  { document: { slug: "belgium", name: { en: "Belgium" } } },
];

export const orders: VariablesOf<typeof ToolsQuery>[] = [
  { orderBy: [{ name: "ASC" }, { slug: "DESC" }] },
  // @ts-expect-error  A key has a field.
  { orderBy: [{}] },
  // @ts-expect-error  There is no such direction.
  { orderBy: [{ name: "UP" }] },
];
