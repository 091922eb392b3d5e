// The site renders docs/ and the documents at the root as they are. build.mjs lays them, for the time of a build, beside what it generates.
import fs from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitepress'

const root = path.resolve(import.meta.dirname, '../..')
const repository = fs.readFileSync(path.join(root, 'Directory.Build.props'), 'utf8').match(/<RepositoryUrl>(.*?)<\/RepositoryUrl>/)[1]
const generated = path.resolve(import.meta.dirname, '../generated')
const rootPages = ['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md']

/** The menu: the sections and links of docs/README.md, then what is generated, then the documents at the root. */
function sidebar() {
  const groups = []
  for (const line of fs.readFileSync(path.join(root, 'docs/README.md'), 'utf8').split('\n')) {
    if (line.startsWith('## ')) groups.push({ text: line.slice(3), collapsed: groups.length > 1, items: [] })
    for (const [, text, link] of line.startsWith('- ') ? line.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g) : [])
      groups.at(-1).items.push({ text, link: '/' + link.replace(/README\.md$/, '').replace(/\.md$/, '') })
  }
  groups.push({ text: 'Reference', items: [{ text: 'API', link: '/api/' }, { text: 'Commands', link: '/cli/' }] })
  groups.push({ text: 'The project', items: rootPages.map(page => ({ text: titleOf(page), link: '/' + page.replace('.md', '') })) })
  return groups
}

function titleOf(page) {
  return fs.readFileSync(path.join(root, page), 'utf8').match(/^# (.*)$/m)[1]
}

/** Where a link of a page leads on the site: pages of the site by their new place, everything else to the repository. */
function resolve(href, page) {
  if (/^[a-z]+:|^#/.test(href)) return href
  if (/^(api|cli)\//.test(page)) return href.replace(/\.md(#|$)/, '$1')
  const [target, anchor] = href.split('#')
  const file = path.posix.normalize(path.posix.join(path.posix.dirname(page), target))
  const suffix = anchor ? '#' + anchor : ''
  if (/^docs\/.*\.md$/.test(file)) return '/' + file.slice(5).replace(/(^|\/)README\.md$/, '$1').replace(/\.md$/, '') + suffix
  if (rootPages.includes(file)) return '/' + file.replace('.md', '') + suffix
  return `${repository}/blob/main/${file}${suffix}`
}

/** Where a page comes from, from the root; a generated one stays where it is. */
function placeOf(page) {
  return rootPages.includes(page) || /^(api|cli)\//.test(page) ? page : `docs/${page}`
}

/** Anchors as GitHub makes them: the links of the documents are checked against those (ReferenceTests). */
function slugify(text) {
  return text.toLowerCase().replace(/[^\p{L}\p{N}_\- ]/gu, '').replace(/ /g, '-')
}

export default defineConfig({
  title: 'MmuNotifier',
  description: 'Second copies of memory that are never stale',
  srcDir: './generated',
  rewrites: page => page.replace(/(^|\/)README\.md$/, '$1index.md'),
  outDir: './.vitepress/dist',
  cacheDir: './.vitepress/cache',
  cleanUrls: false,
  ignoreDeadLinks: true, // build.mjs checks all links, with their anchors, in what was built.
  markdown: {
    anchor: { slugify },
    config(md) {
      // No page has HTML or expressions of its own: what looks like them is text, such as a type's parameter.
      md.set({ html: false })
      md.core.ruler.push('places', state => {
        const page = state.env.path && placeOf(path.posix.relative(generated, state.env.path))
        for (const block of state.tokens.filter(token => page && token.children)) {
          for (const token of block.children) {
            if (token.type === 'link_open') token.attrSet('href', resolve(token.attrGet('href'), page))
            if (token.type === 'text' || token.type === 'code_inline') token.content = token.content.replaceAll('{{', '{\u200b{')
          }
        }
      })
    },
  },
  themeConfig: {
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'API', link: '/api/' },
      { text: 'Commands', link: '/cli/' },
      { text: 'Repository', link: repository },
    ],
  },
})
